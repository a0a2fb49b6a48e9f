// Batches of reads before a server that something in front of lets only small bodies through.
#include "kinto/server.hpp"
#include "kinto/test_fakes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::kinto {

namespace {

using test::FakeClock;
using test::run;

// Lets bodies of at most `most` bytes pass, and answers each read of a batch, or by itself.
struct Gate {
  enum class Minds { with_413, by_a_cut };
  std::size_t most = 1024;
  Minds minds = Minds::with_413;
  std::vector<std::size_t> refused;  // the bodies' bytes
  std::vector<std::string> passed;   // "POST 3", "HEAD 0": parts of a batch

  Result<http::Response> answer(const http::Request& request) {
    if (request.body.size() > most) {
      refused.push_back(request.body.size());
      if (minds == Minds::with_413) return http::Response{413, {}, "<html>too large</html>"};
      Error cut(Errc::unreachable, "the server closed the connection without an answer");
      cut.cut = true;
      return cut;
    }
    std::string parts;
    int count = 0;
    const std::string path = R"("path":")";
    for (std::size_t at = 0; (at = request.body.find(path, at)) != std::string::npos; ++count) {
      at += path.size();
      const std::string name = request.body.substr(at, request.body.find('"', at) - at);
      parts += (count > 0 ? "," : "") + part(name);
    }
    passed.push_back(request.method + " " + std::to_string(count));
    if (count > 0) return http::Response{200, {}, R"({"responses":[)" + parts + "]}"};
    return http::Response{200, headers("77"), R"({"data":{"id":"x","last_modified":7}})"};
  }

 private:
  static http::Headers headers(const std::string& total) {
    return {{"ETag", R"("9")"}, {"Total-Objects", total}};
  }
  // Its count is its name's last number: ".../c17/records" has 17.
  static std::string part(const std::string& path) {
    const std::size_t begin = path.find("/c");
    const std::size_t end = path.find("/records");
    const std::size_t digits = path.rfind('c', end) + 1;
    const std::string number = begin < end ? path.substr(digits, end - digits) : "0";
    return R"({"status":200,"headers":{"ETag":"\"9\"","Total-Objects":")" + number +
           R"("},"body":{"data":{"id":")" + number + R"(","last_modified":7}}})";
  }
};

class GatedTransport final : public http::Transport {
 public:
  explicit GatedTransport(Gate& gate) : gate_(gate) {}
  ResultTask<http::Response> exchange(const http::Request& request) override {
    co_return gate_.answer(request);
  }
  void abort() override {}
  [[nodiscard]] const http::Origin& origin() const noexcept override { return origin_; }

 private:
  Gate& gate_;
  http::Origin origin_{false, "master.test", "80"};
};

struct Gated {
  Gated() : server(config(), std::make_unique<GatedTransport>(gate), clock, stop) {}

  // Of c0, c1, ...: whether each has its own.
  bool counts(int many) {
    std::vector<std::string> paths;
    for (int i = 0; i < many; ++i) paths.push_back(records(i));
    const auto counted = run(server.counts(std::move(paths)));
    if (!counted) return false;
    for (int i = 0; i < many; ++i) {
      const auto& one = counted->at(static_cast<std::size_t>(i));
      if (!one || one->live != i) return false;
    }
    return true;
  }
  static std::string records(int i) {
    return "/buckets/b/collections/c" + std::to_string(i) + "/records";
  }

  FakeClock clock;
  Stop stop;
  Gate gate;
  Server server;

 private:
  static ServerConfig config() {
    ServerConfig config;
    config.name = "master";
    config.url = "http://master.test/v1";
    config.base_path = "/v1";
    return config;
  }
};

}  // namespace

TEST_CASE("reads that are too much for one request are asked for in halves, and it is remembered") {
  for (const auto minds : {Gate::Minds::with_413, Gate::Minds::by_a_cut}) {
    CAPTURE(static_cast<int>(minds));
    Gated master;
    master.gate.minds = minds;
    CHECK(master.counts(25));
    CHECK_FALSE(master.gate.refused.empty());
    CHECK(master.clock.slept.empty());  // at once
    CHECK(std::ranges::all_of(master.gate.passed,
                              [](const std::string& one) { return one.starts_with("POST"); }));
    master.gate.refused.clear();
    CHECK(master.counts(25));
    const std::size_t most = minds == Gate::Minds::with_413 ? 0 : 2;
    CHECK(master.gate.refused.size() <= most);
  }
}

TEST_CASE("what a server refuses for its size holds for batches of writes as well") {
  Gated master;
  REQUIRE(master.server.most_bytes() == Portion::unbounded);
  CHECK(master.counts(25));
  CHECK(master.server.most_bytes() < 1024);
}

TEST_CASE("answers keep their order where they came in several batches") {
  Gated master;
  std::vector<std::string> paths;
  for (int i = 0; i < 25; ++i)
    paths.push_back("/buckets/b/collections/c" + std::to_string(i) + "/records/r");
  const auto answers = run(master.server.look(std::move(paths)));
  REQUIRE(answers.has_value());
  REQUIRE(answers->size() == 25);
  for (int i = 0; i < 25; ++i) {
    const std::string id = R"("id":")" + std::to_string(i) + '"';
    CHECK(answers->at(static_cast<std::size_t>(i)).object.find(id) != std::string::npos);
  }
}

TEST_CASE(
    "one read that is too large for a batch is asked for plainly, and others go on in batches") {
  Gated master;
  std::vector<std::string> ids(60, std::string(30, 'x'));
  const auto count = run(master.server.count_of(Gated::records(1), std::move(ids)));
  REQUIRE(count.has_value());
  CHECK(count->live == 77);
  CHECK(master.gate.passed.back() == "HEAD 0");
  CHECK(master.counts(2));
  CHECK(master.gate.passed.back() == "POST 2");
  // What is asked beside it is not lost with it.
  std::vector<std::string> more(60, std::string(30, 'y'));
  const auto both =
      run(master.server.count_beside(Gated::records(1), "/buckets/b/c5/records", std::move(more)));
  REQUIRE(both.has_value());
  CHECK(both->count.live == 77);
  CHECK(both->beside.status == 200);
}

TEST_CASE("a server that takes no body at all is asked plainly") {
  Gated master;
  master.gate.most = 0;
  std::vector<std::string> paths{Gated::records(1), Gated::records(2)};
  const auto counted = run(master.server.counts(std::move(paths)));
  REQUIRE(counted.has_value());
  for (const auto& one : *counted) CHECK(one.value().live == 77);
}

TEST_CASE("what a limiter or a gateway refuses is not split") {
  for (const int status : {429, 502, 503, 504}) {
    CAPTURE(status);
    test::Bench bench;
    bench.server.set_patience(Millis{2'000});
    for (int i = 0; i < 100; ++i) bench.script.answer(status, "<html>later</html>");
    const auto counted = run(bench.server.counts({Gated::records(1), Gated::records(2)}));
    REQUIRE(counted.has_error());
    CHECK(counted.error().code == Errc::overloaded);
    for (const test::Seen& one : bench.script.seen) {
      CHECK(one.request.body == bench.script.seen.front().request.body);
    }
  }
}

TEST_CASE("one read that is cut off is asked for again, as patiently as ever") {
  test::Bench bench;
  bench.server.set_patience(Millis{2'000});
  Error cut(Errc::unreachable, "closed");
  cut.cut = true;
  bench.script.answers.emplace_back(cut);
  bench.script.counts(3, 9);
  const auto count = run(bench.server.count(Gated::records(1)));
  REQUIRE(count.has_value());
  CHECK(count->live == 3);
  CHECK(bench.clock.slept.size() == 1);
}

}  // namespace kinto_mirror::kinto
