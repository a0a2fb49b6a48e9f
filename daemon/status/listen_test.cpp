#include "daemon/status/listen.hpp"

#include "daemon/test_inputs.hpp"

#include <boost/asio/io_context.hpp>

namespace kinto_mirror::daemon {

namespace {

Config with_listen(const std::string& address) {
  return load(with_servers({"--listen", address})).config;
}

}  // namespace

TEST_CASE("a free port is taken, and the one that was asked for") {
  boost::asio::io_context context;
  const auto any = open_listener(context.get_executor(), with_listen("127.0.0.1:0"));
  REQUIRE(any.has_value());
  CHECK(any->local_endpoint().port() != 0);
  CHECK(open_listener(context.get_executor(), with_listen("localhost:0")).has_value());
}

TEST_CASE("a port that is taken is told with its setting and the mend") {
  boost::asio::io_context context;
  const auto first = open_listener(context.get_executor(), with_listen("127.0.0.1:0"));
  REQUIRE(first.has_value());
  const std::string address = "127.0.0.1:" + std::to_string(first->local_endpoint().port());
  const auto flag = open_listener(context.get_executor(), with_listen(address));
  REQUIRE(flag.has_error());
  CHECK(flag.error().code == Errc::busy);
  CHECK(flag.error().message ==
        "--listen: cannot listen at " + address +
            ": another process has the port; give another address, port 0 for any free one, or "
            "off, with --listen, KINTO_MIRROR_LISTEN or listen under [status]");
  const Config variable = load(with_servers({}), {{"KINTO_MIRROR_LISTEN", address}}).config;
  const auto env = open_listener(context.get_executor(), variable);
  REQUIRE(env.has_error());
  CHECK(env.error().message.starts_with("KINTO_MIRROR_LISTEN: cannot listen at " + address));
}

TEST_CASE("an address that is not this machine's is a wrong value") {
  boost::asio::io_context context;
  const auto flag = open_listener(context.get_executor(), with_listen("192.0.2.1:80"));
  REQUIRE(flag.has_error());
  CHECK(flag.error().code == Errc::usage);
  const Config variable = load(with_servers({}), {{"KINTO_MIRROR_LISTEN", "192.0.2.1:80"}}).config;
  CHECK(open_listener(context.get_executor(), variable).error().code == Errc::config);
  const auto name = open_listener(context.get_executor(), with_listen("no-such-host.invalid:80"));
  REQUIRE(name.has_error());
  CHECK(name.error().code == Errc::usage);
}

TEST_CASE("whether the address was asked for") {
  CHECK(!listen_was_given(load(with_servers({})).config));
  CHECK(listen_was_given(with_listen("127.0.0.1:8000")));
  CHECK(listen_was_given(load(with_servers({}), {{"KINTO_MIRROR_LISTEN", "127.0.0.1:1"}}).config));
}

TEST_CASE("where the daemon is asked") {
  CHECK(asked_address(with_listen("0.0.0.0:81"))->host == "127.0.0.1");
  CHECK(asked_address(with_listen("0.0.0.0:81"))->port == 81);
  CHECK(asked_address(with_listen("[::]:81"))->host == "::1");
  CHECK(asked_address(with_listen("example.org:81"))->host == "example.org");
  CHECK(contains(asked_address(with_listen("off")).error().message, "KINTO_MIRROR_LISTEN"));
  CHECK(contains(asked_address(with_listen("127.0.0.1:0")).error().message, "status.listening"));
  CHECK(address_text("::1", 80) == "[::1]:80");
}

}  // namespace kinto_mirror::daemon
