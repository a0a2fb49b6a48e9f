// Which connection a request takes, who waits for one, and how all of it ends.

#include "base/task_group.hpp"
#include "http/beast_transport.hpp"
#include "http/now.hpp"
#include "http/test_server.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace kinto_mirror::http {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

Task<void> sleep_ms(int ms) {
  asio::steady_timer timer(co_await asio::this_coro::executor, milliseconds(ms));
  co_await timer.async_wait(asio::use_awaitable);
}

// The body of the answer, or the message of the failure.
Task<std::string> text_of(Transport& transport, std::string target) {
  auto got = co_await get(transport, std::move(target));
  co_return got ? got->body : got.error().message;
}

TEST_CASE("a connection is kept for the next request") {
  asio::io_context context;
  TestServer server(context, answer_with_number);
  const auto transport = make_transport(context.get_executor(), server.origin());
  run_bounded(context, [&]() -> Task<void> {
    for (int i = 0; i < 5; ++i) {
      const std::string body = co_await text_of(*transport, "/v1/");
      CHECK(body == "1");
    }
  });
  CHECK(server.accepted() == 1);
}

TEST_CASE("a connection that has reached its greatest age is not used, busy or idle") {
  asio::io_context context;
  TestServer server(context, answer_with_number);
  TransportConfig config;
  config.greatest_age = milliseconds(300);
  const auto transport = make_transport(context.get_executor(), server.origin(), config);
  run_bounded(context, [&]() -> Task<void> {
    const Instant begin = now();
    std::string last = "1";
    while (now() - begin < milliseconds(450)) {
      last = co_await text_of(*transport, "/v1/");
      co_await sleep_ms(10);
    }
    CHECK(last == "2");
    co_await sleep_ms(350);
    const std::string body = co_await text_of(*transport, "/v1/");
    CHECK(body == "3");
  });
  CHECK(server.accepted() == 3);
}

TEST_CASE("a connection is not kept when either side says so, or after a failure") {
  const std::vector<std::string> answers = {
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx",
      "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\nContent-Length: "
      "4\r\n\r\nevil",
      "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nx",
  };
  for (const std::string& bytes : answers) {
    CAPTURE(bytes);
    asio::io_context context;
    TestServer server(context, [&bytes](Peer& peer, int) -> Task<void> {
      [[maybe_unused]] const std::string request = co_await peer.read_request();
      std::string copy = bytes;
      co_await peer.send(std::move(copy));
      co_await peer.wait_for_close();
    });
    TransportConfig config;
    config.body_limit = 1000;
    const auto transport = make_transport(context.get_executor(), server.origin(), config);
    run_bounded(context, [&]() -> Task<void> {
      const std::string first = co_await text_of(*transport, "/v1/");
      const std::string second = co_await text_of(*transport, "/v1/");
      CHECK(second == first);
    });
    CHECK(server.accepted() == 2);
  }
}

TEST_CASE("an idle connection that the server closed, or wrote to unasked, is not used") {
  for (const std::string unasked : {"", "HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n"}) {
    CAPTURE(unasked);
    asio::io_context context;
    TestServer server(context, [&](Peer& peer, int number) -> Task<void> {
      [[maybe_unused]] const std::string request = co_await peer.read_request();
      std::string bytes = answer(std::to_string(number));
      co_await peer.send(std::move(bytes));
      co_await peer.pause(milliseconds(10));
      std::string copy = unasked;
      co_await peer.send(std::move(copy));
      if (unasked.empty()) peer.close();
      co_await peer.wait_for_close();
    });
    const auto transport = make_transport(context.get_executor(), server.origin());
    run_bounded(context, [&]() -> Task<void> {
      const std::string first = co_await text_of(*transport, "/v1/");
      co_await sleep_ms(50);
      const std::string second = co_await text_of(*transport, "/v1/");
      CHECK(first == "1");
      CHECK(second == "2");
    });
  }
}

TEST_CASE("a kept connection that closes on the request is replaced, a new one is not") {
  asio::io_context context;
  std::vector<std::string> requests;
  TestServer server(context, [&](Peer& peer, int number) -> Task<void> {
    requests.push_back(co_await peer.read_request());
    std::string bytes = answer(std::to_string(number));
    if (number < 3) co_await peer.send(std::move(bytes));
    if (number < 3) requests.push_back(co_await peer.read_request());
    peer.close();
  });
  const auto transport = make_transport(context.get_executor(), server.origin());
  run_bounded(context, [&]() -> Task<void> {
    const std::string first = co_await text_of(*transport, "/v1/a");
    const std::string second = co_await text_of(*transport, "/v1/b");
    CHECK(first == "1");
    CHECK(second == "2");
    const std::string third = co_await text_of(*transport, "/v1/c");
    CHECK(third.ends_with("/v1/c: the server closed the connection without an answer"));
  });
  CHECK(requests.size() == 5);  // a, b, b again, c, c again
  CHECK(server.accepted() == 3);
}

TEST_CASE("a kept connection that is cut in the middle of the answer is not replaced") {
  asio::io_context context;
  TestServer server(context, [](Peer& peer, int) -> Task<void> {
    [[maybe_unused]] std::string request = co_await peer.read_request();
    std::string bytes = answer("x");
    co_await peer.send(std::move(bytes));
    request = co_await peer.read_request();
    std::string cut = "HTTP";
    co_await peer.send(std::move(cut));
    peer.close();
  });
  const auto transport = make_transport(context.get_executor(), server.origin());
  run_bounded(context, [&]() -> Task<void> {
    const std::string first = co_await text_of(*transport, "/v1/");
    const std::string second = co_await text_of(*transport, "/v1/");
    CHECK(first == "x");
    CHECK(second.ends_with("cut in the middle of the answer"));
  });
  CHECK(server.accepted() == 1);
}

TEST_CASE("no more connections than allowed, and those who wait are served in their order") {
  asio::io_context context;
  int open = 0;
  int most = 0;
  TestServer server(context, [&](Peer& peer, int) -> Task<void> {
    while (true) {
      [[maybe_unused]] const std::string request = co_await peer.read_request();
      most = std::max(most, ++open);
      co_await peer.pause(milliseconds(10));
      --open;
      std::string bytes = answer("x");
      co_await peer.send(std::move(bytes));
    }
  });
  TransportConfig config;
  config.connections = 3;
  const auto transport = make_transport(context.get_executor(), server.origin(), config);
  std::vector<int> finished;
  const auto one = [&](int number) -> Task<void> {
    const std::string body = co_await text_of(*transport, "/v1/" + std::to_string(number));
    CHECK(body == "x");
    finished.push_back(number);
  };
  run_bounded(context, [&]() -> Task<void> {
    TaskGroup group(context.get_executor());
    for (int i = 0; i < 12; ++i) group.spawn(one(i));
    co_await group.join();
  });
  CHECK(most == 3);
  CHECK(server.accepted() == 3);
  REQUIRE(finished.size() == 12);
  for (int i = 0; i < 12; ++i) CHECK(finished[static_cast<std::size_t>(i)] / 3 == i / 3);
}

TEST_CASE("an idle connection is closed after its time, and the io_context runs out of work") {
  asio::io_context context;
  bool client_left = false;
  TestServer server(context, [&](Peer& peer, int number) -> Task<void> {
    try {
      co_await answer_with_number(peer, number);
    } catch (const boost::system::system_error&) {
      client_left = true;
    }
  });
  TransportConfig config;
  config.idle_timeout = milliseconds(60);
  const auto transport = make_transport(context.get_executor(), server.origin(), config);
  run_bounded(context, [&]() -> Task<void> {
    const std::string first = co_await text_of(*transport, "/v1/");
    co_await sleep_ms(20);
    CHECK(!client_left);
    co_await sleep_ms(100);
    CHECK(client_left);
    const std::string second = co_await text_of(*transport, "/v1/");
    CHECK(first == "1");
    CHECK(second == "2");
  });
}

}  // namespace
}  // namespace kinto_mirror::http
