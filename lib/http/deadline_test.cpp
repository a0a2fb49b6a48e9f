// Every wait ends, and says which one it was.

#include "http/beast_transport.hpp"
#include "http/test_server.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include <list>

namespace kinto_mirror::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::milliseconds;

// The message of the failure of one request to `origin`, which must be Errc::unreachable.
std::string failure(asio::io_context& context, const Origin& origin, TransportConfig config,
                    std::size_t body = 0) {
  const auto transport = make_transport(context.get_executor(), origin, std::move(config));
  Result<Response> got = Error(Errc::internal, "not asked");
  run_bounded(context, [&]() -> Task<void> {
    const Request request("POST", "/v1/batch", {}, std::string(body, 'x'));
    got = co_await transport->exchange(request);
  });
  REQUIRE(!got.has_value());
  CHECK(got.error().code == Errc::unreachable);
  return got.error().message;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// Whether less at once might have come through, as the failure of one request says.
bool slow(TestServer::Script script, TransportConfig config, std::size_t body) {
  asio::io_context context;
  TestServer server(context, std::move(script));
  const auto transport = make_transport(context.get_executor(), server.origin(), std::move(config));
  Result<Response> got = Error(Errc::internal, "not asked");
  run_bounded(context, [&]() -> Task<void> {
    const Request request("POST", "/v1/batch", {}, std::string(body, 'x'));
    got = co_await transport->exchange(request);
  });
  REQUIRE(!got.has_value());
  CHECK(got.error().code == Errc::unreachable);
  return got.error().slow;
}

// The header, and then a byte every `pause` until nobody listens; none at all from `last` on.
TestServer::Script trickle(Millis pause, int last = 1000) {
  return [pause, last](Peer& peer, int) -> Task<void> {
    [[maybe_unused]] const std::string request = co_await peer.read_request();
    std::string header = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
    co_await peer.send(std::move(header));
    for (int i = 0; i < last; ++i) {
      std::string byte = "x";
      co_await peer.send(std::move(byte));
      co_await peer.pause(pause);
    }
    co_await peer.wait_for_close();
  };
}

TEST_CASE("a body that comes in small chunks does not stall") {
  const auto script = [](Peer& peer, int) -> Task<void> {
    [[maybe_unused]] const std::string request = co_await peer.read_request();
    std::string header = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    co_await peer.send(std::move(header));
    for (int i = 0; i < 20; ++i) {
      std::string chunk = "3\r\nabc\r\n";
      co_await peer.send(std::move(chunk));
      co_await peer.pause(milliseconds(30));
    }
    std::string end = "0\r\n\r\n";
    co_await peer.send(std::move(end));
  };
  asio::io_context context;
  TestServer server(context, script);
  TransportConfig config;
  config.progress_timeout = milliseconds(300);
  const auto transport = make_transport(context.get_executor(), server.origin(), config);
  Result<Response> got = Error(Errc::internal, "not asked");
  run_bounded(context, [&]() -> Task<void> { got = co_await get(*transport, "/v1/"); });
  REQUIRE_MESSAGE(got.has_value(), got.error().message);
  CHECK(got->body.size() == 60);
}

TEST_CASE("a line that is too slow is told from one that is dead") {
  TransportConfig config;
  config.header_timeout = milliseconds(300);
  config.progress_timeout = milliseconds(300);
  config.answer_timeout = milliseconds(400);
  CHECK(slow(trickle(milliseconds(20)), config, 0));
  CHECK_FALSE(slow(trickle(milliseconds(20), 2), config, 0));
  // A large request may be on its way still, whatever the system says; a small one is not.
  const auto silent = [](Peer& peer, int) { return peer.wait_for_close(); };
  CHECK(slow(silent, config, 100'000));
  CHECK_FALSE(slow(silent, config, 1000));
  config.write_timeout = milliseconds(300);
  const auto deaf = [](Peer& peer, int) { return peer.pause(milliseconds(1000)); };
  CHECK(slow(deaf, config, std::size_t{32} << 20));
}

TEST_CASE("silence after the request") {
  asio::io_context context;
  TestServer server(context, [](Peer& peer, int) { return peer.wait_for_close(); });
  TransportConfig config;
  config.header_timeout = milliseconds(100);
  const std::string message = failure(context, server.origin(), config);
  CHECK_MESSAGE(contains(message, "no answer within 100 ms"), message);
  CHECK(server.accepted() == 1);  // a deadline that passed is no reason to ask again
}

TEST_CASE("silence on a kept connection is no reason to ask again either") {
  asio::io_context context;
  TestServer server(context, [](Peer& peer, int) -> Task<void> {
    [[maybe_unused]] const std::string request = co_await peer.read_request();
    std::string bytes = answer("x");
    co_await peer.send(std::move(bytes));
    co_await peer.wait_for_close();
  });
  TransportConfig config;
  config.header_timeout = milliseconds(100);
  const auto transport = make_transport(context.get_executor(), server.origin(), config);
  run_bounded(context, [&]() -> Task<void> {
    const auto first = co_await get(*transport, "/v1/");
    CHECK(first.has_value());
    const auto second = co_await get(*transport, "/v1/");
    REQUIRE(!second.has_value());
    CHECK(second.error().code == Errc::unreachable);
  });
  CHECK(server.accepted() == 1);
}

TEST_CASE("a header that trickles") {
  asio::io_context context;
  TestServer server(context, [](Peer& peer, int) -> Task<void> {
    while (true) {
      std::string bytes = "H";
      co_await peer.send(std::move(bytes));
      co_await peer.pause(milliseconds(20));
    }
  });
  TransportConfig config;
  config.header_limit = 1000;
  config.header_timeout = milliseconds(100);
  const auto transport = make_transport(context.get_executor(), server.origin(), config);
  run_bounded(context, [&]() -> Task<void> {
    const auto got = co_await get(*transport, "/v1/");
    CHECK(!got.has_value());
  });
}

TEST_CASE("a body that stops, and one that trickles") {
  asio::io_context context;
  TestServer server(context, [](Peer& peer, int number) -> Task<void> {
    std::string header = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
    co_await peer.send(std::move(header));
    for (int i = 0; number == 2 || i < 3; ++i) {
      std::string bytes = "x";
      co_await peer.send(std::move(bytes));
      co_await peer.pause(milliseconds(10));
    }
    co_await peer.wait_for_close();
  });
  TransportConfig config;
  config.progress_timeout = milliseconds(150);
  config.answer_timeout = milliseconds(400);
  const std::string stopped = failure(context, server.origin(), config);
  CHECK_MESSAGE(contains(stopped, "the answer stalled for 150 ms"), stopped);
  const std::string trickled = failure(context, server.origin(), config);
  CHECK_MESSAGE(contains(trickled, "not complete within 400 ms"), trickled);
}

TEST_CASE("a server that does not read the request") {
  asio::io_context context;
  TestServer server(context, [](Peer& peer, int) { return peer.pause(std::chrono::seconds(9)); });
  TransportConfig config;
  config.write_timeout = milliseconds(150);
  const std::string message = failure(context, server.origin(), config, std::size_t{32} << 20);
  CHECK_MESSAGE(contains(message, "could not be sent within 150 ms"), message);
}

TEST_CASE("nobody listens") {
  asio::io_context context;
  TestServer server(context, answer_with_number);
  const Origin origin = server.origin();
  server.close();
  const std::string message = failure(context, origin, {});
  CHECK(message == "POST " + origin.str() +
                       "/v1/batch: connection refused; nothing listens there: does the server run, "
                       "and is this its "
                       "port?");
}

TEST_CASE("nobody takes the connection") {
  asio::io_context context;
  tcp::acceptor full(context);
  full.open(tcp::v4());
  full.bind(tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  full.listen(0);
  std::list<tcp::socket> fillers;  // the system answers no more once its queue is full
  for (int i = 0; i < 4; ++i) {
    fillers.emplace_back(context);
    fillers.back().async_connect(full.local_endpoint(), [](boost::system::error_code) {});
  }
  context.poll();
  context.restart();
  TransportConfig config;
  config.connect_timeout = milliseconds(150);
  const Origin origin{false, "127.0.0.1", std::to_string(full.local_endpoint().port())};
  const std::string message = failure(context, origin, config);
  CHECK_MESSAGE(contains(message, "no connection within 150 ms"), message);
}

TEST_CASE("a server that is slow to shake hands") {
  asio::io_context context;
  TestServer server(context, [](Peer& peer, int) { return peer.wait_for_close(); });
  Origin origin = server.origin();
  origin.tls = true;
  TransportConfig config;
  config.connect_timeout = milliseconds(150);
  const std::string message = failure(context, origin, config);
  CHECK_MESSAGE(contains(message, "no connection within 150 ms"), message);
}

TEST_CASE("a name is looked up, and one that does not exist is named") {
  asio::io_context context;
  TestServer server(context, answer_with_number);
  Origin origin = server.origin();
  origin.host = "localhost";  // often ::1 first, where nobody listens
  const auto transport = make_transport(context.get_executor(), origin);
  run_bounded(context, [&]() -> Task<void> {
    const auto got = co_await get(*transport, "/v1/");
    CHECK_MESSAGE(got.has_value(), (got ? "" : got.error().message));
  });
  origin.host = "kinto.invalid";
  TransportConfig config;
  config.connect_timeout = milliseconds(500);
  const std::string message = failure(context, origin, config);
  CHECK_MESSAGE(contains(message, "the host name could not be resolved"), message);
}

TEST_CASE("an idle connection has no deadline but its own") {
  asio::io_context context;
  TestServer server(context, answer_with_number);
  TransportConfig config;
  config.write_timeout = config.header_timeout = config.progress_timeout = milliseconds(100);
  config.connect_timeout = milliseconds(100);
  const auto transport = make_transport(context.get_executor(), server.origin(), config);
  run_bounded(context, [&]() -> Task<void> {
    for (int i = 0; i < 2; ++i) {
      const auto got = co_await get(*transport, "/v1/");
      REQUIRE_MESSAGE(got.has_value(), (got ? "" : got.error().message));
      CHECK(got->body == "1");
      asio::steady_timer timer(context, milliseconds(250));
      co_await timer.async_wait(asio::use_awaitable);
    }
  });
}

}  // namespace
}  // namespace kinto_mirror::http
