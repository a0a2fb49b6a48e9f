#pragma once
// A server of pages on loopback, and clients that do to it what they are told.

#include "daemon/status/http_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include <exception>
#include <vector>

namespace kinto_mirror::daemon {

namespace http_test {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto values = asio::as_tuple(asio::use_awaitable);

inline HttpLimits quick() {
  HttpLimits limits;
  limits.connections = 3;
  limits.header = 1024;
  limits.request_time = Millis{300};
  limits.write_time = Millis{300};
  limits.linger_time = Millis{100};
  return limits;
}

// A client that sends what it is told, and reads what comes.
class Client {
 public:
  Client(asio::io_context& context, const tcp::endpoint& server) : socket_(context) {
    socket_.connect(server);
  }

  Task<bool> send(std::string bytes) {
    const auto [error, size] = co_await asio::async_write(socket_, asio::buffer(bytes), values);
    co_return !error;
  }

  // Until the server closes.
  Task<std::string> rest() {
    std::string text;
    [[maybe_unused]] const auto ignored =
        co_await asio::async_read(socket_, asio::dynamic_buffer(text), values);
    co_return text;
  }

  Task<std::string> some() {
    std::string text(65536, '\0');
    const auto [error, size] = co_await socket_.async_read_some(asio::buffer(text), values);
    text.resize(size);
    co_return text;
  }

 private:
  tcp::socket socket_;
};

inline Task<void> pause(Millis time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  [[maybe_unused]] const auto ignored = co_await timer.async_wait(values);
}

struct Fixture {
  asio::io_context context;
  tcp::endpoint address;
  bool sent = false;  // all that was last asked
  HttpServer server;

  explicit Fixture(const HttpLimits& limits = quick())
      : server(
            listening(), [this](PageRequest asked) { return page(std::move(asked)); }, limits) {}

  StreamAcceptor listening() {
    tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    address = acceptor.local_endpoint();
    return StreamAcceptor(std::move(acceptor));
  }

  Task<Page> page(PageRequest asked) {
    const std::string& path = asked.path;
    if (asked.order) co_return Page(200, "text/plain", "order " + path + " of " + asked.query);
    if (path == "/slow") co_await pause(Millis{50});
    if (path == "/large") co_return Page(200, "text/plain", std::string(8'000'000, 'x'));
    if (path == "/who") {
      Page who(200, "text/plain", "");
      who.headers.push_back("X-Who: " + asked.authorization);
      co_return who;
    }
    co_return Page(path == "/none" ? 404 : 200, "text/plain", path);
  }

  // Runs the server beside `test`, and fails after 10 s.
  template <class Test>
  void run(Test test) {
    std::exception_ptr failure;
    bool ended = false;
    asio::co_spawn(context, server.run(), [&](const std::exception_ptr& error) {
      ended = true;
      if (error) failure = error;
    });
    asio::co_spawn(context, test(), [&](const std::exception_ptr& error) {
      if (error) failure = error;
      server.close();
    });
    context.run_for(std::chrono::seconds(10));
    CHECK(ended);
    CHECK(server.connections() == 0);
    if (failure) std::rethrow_exception(failure);
  }

  // What the server answers to `bytes`, all of it.
  Task<std::string> ask(std::string bytes) {
    Client client(context, address);
    sent = co_await client.send(std::move(bytes));
    co_return co_await client.rest();
  }
};

inline bool begins(const std::string& text, const std::string& part) {
  return text.starts_with("HTTP/1.1 " + part);
}

inline bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline std::string get(const std::string& path, const std::string& more = "Connection: close\r\n") {
  return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + more + "\r\n";
}

}  // namespace http_test

}  // namespace kinto_mirror::daemon
