#include "daemon/control/orders.hpp"

#include "daemon/test_inputs.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace kinto_mirror::daemon {

namespace {

// The order as the daemon reads what a command sends.
Result<Order> sent(const Order& order) {
  const std::string target = target_of(order);
  const std::size_t query = std::min(target.find('?'), target.size());
  return read_order(target.substr(0, query), target.substr(std::min(query + 1, target.size())));
}

OrderOptions operand(const std::vector<std::string>& args) {
  const CommandLine line = parse_command_line(args);
  CHECK(messages(line.source.errors) == "");
  return line.config.order;
}

std::string fault(const std::vector<std::string>& args) {
  const CommandLine line = parse_command_line(args);
  REQUIRE(line.source.errors.size() == 1);
  CHECK(line.source.errors.front().code == Errc::usage);
  return line.source.errors.front().message;
}

}  // namespace

TEST_CASE("what a command sends is what the daemon reads") {
  for (const Verb verb : {Verb::audit, Verb::pause, Verb::resume, Verb::release, Verb::sync}) {
    Order order;
    order.verb = verb;
    order.patterns = {"main/certs"};
    order.timeout = verb == Verb::sync ? Millis{90'000} : Millis{0};
    const auto read = sent(order);
    REQUIRE(read.has_value());
    CHECK(read->verb == verb);
    CHECK(read->patterns == order.patterns);
    CHECK(read->timeout == order.timeout);
  }
  Order order;
  order.patterns = {"a/*", "b-?/c"};
  CHECK(target_of(order) == "/audit?collections=a%2F%2A%2Cb-%3F%2Fc");
  CHECK(sent(order)->patterns == order.patterns);
  order.verb = Verb::reload;
  CHECK(target_of(order) == "/reload");
}

TEST_CASE("an order that cannot be understood says which part") {
  CHECK(read_order("/stop", "").error().code == Errc::not_found);
  CHECK(read_order("audit", "").error().code == Errc::not_found);
  const auto why = [](std::string_view path, std::string_view query) {
    const auto order = read_order(path, query);
    REQUIRE(order.has_error());
    CHECK(order.error().code == Errc::rejected);
    return order.error().message;
  };
  CHECK(contains(why("/audit", "colections=a/b"), "colections"));
  CHECK(contains(why("/audit", "collections=a%2"), "percent-encoded"));
  CHECK(contains(why("/audit", "collections=ab"), "collections: ab "));
  CHECK(contains(why("/audit", "collections=!a/b"), "without !"));
  CHECK(contains(why("/audit", "timeout=5"), "timeout"));
  CHECK(contains(why("/sync", "timeout=-5"), "timeout"));
  CHECK(contains(why("/release", "collections=a/*"), "not one collection"));
  CHECK(contains(why("/release", ""), "names no collection"));
}

TEST_CASE("a command takes a pattern, everything where it is given none") {
  CHECK(operand({"audit"}).patterns == std::vector<std::string>{"*/*"});
  CHECK(operand({"pause", "main/*"}).patterns == std::vector<std::string>{"main/*"});
  CHECK(operand({"sync", "a/b", "--timeout", "5m"}).timeout == Millis{300'000});
  CHECK(operand({"sync"}).timeout == Millis{60'000});
  CHECK(operand({"release", "a/b"}).patterns == std::vector<std::string>{"a/b"});
  CHECK(contains(fault({"release"}), "release BUCKET/COLLECTION"));
  CHECK(contains(fault({"release", "a/*"}), "\"a/*\" is not one collection"));
  CHECK(contains(fault({"audit", "a/b", "c/d"}), "quote a pattern"));
  CHECK(contains(fault({"reload", "a/b"}), "reload takes no word"));
  CHECK(contains(fault({"pause", "main"}), "pause: \"main\""));
  CHECK(contains(fault({"audit", "--timeout", "5s"}), "--timeout belongs to sync"));
  CHECK(contains(fault({"sync", "--timeout", "5"}), "--timeout: \"5\""));
}

TEST_CASE("an answer is an object that the command can read") {
  Answer answer;
  answer.exit = ExitCode::different;
  answer.message = "no \xFF";
  answer.collections = {"a/b"};
  const std::string text = answer_json(answer);
  CHECK(contains(text, R"("ok":false)"));
  CHECK(contains(text, R"("exit":1)"));
  CHECK(contains(text, R"(["a/b"])"));
  CHECK(read_answer(text)->exit == ExitCode::different);
  CHECK(!read_answer("[]"));
  CHECK(!read_answer("<html>"));
  CHECK(!read_answer(R"({"exit": "1", "message": "x"})"));
  // No process can exit with these.
  CHECK(!read_answer(R"({"exit": -1, "message": "x"})"));
  CHECK(!read_answer(R"({"exit": 256, "message": "x"})"));
  CHECK(!read_answer(R"({"exit": 4294967296, "message": "x"})"));
}

}  // namespace kinto_mirror::daemon
