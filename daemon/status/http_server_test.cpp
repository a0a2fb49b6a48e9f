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

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto values = asio::as_tuple(asio::use_awaitable);

HttpLimits quick() {
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

Task<void> pause(Millis time) {
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

bool begins(const std::string& text, const std::string& part) {
  return text.starts_with("HTTP/1.1 " + part);
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string get(const std::string& path, const std::string& more = "Connection: close\r\n") {
  return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + more + "\r\n";
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "GET and HEAD give a page, other methods 405") {
  run([this]() -> Task<void> {
    const std::string page = co_await ask(get("/status?x=1"));
    CHECK(begins(page, "200 OK\r\n"));
    CHECK(holds(page, "Content-Length: 7\r\n"));
    CHECK(page.ends_with("\r\n\r\n/status"));
    const std::string none = co_await ask(get("/none"));
    CHECK(begins(none, "404 Not Found\r\n"));
    const std::string head = co_await ask("HEAD /a HTTP/1.1\r\nConnection: close\r\n\r\n");
    CHECK(begins(head, "200 OK\r\n"));
    CHECK(holds(head, "Content-Length: 2\r\n"));
    CHECK(head.ends_with("\r\n\r\n"));
    for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"}) {
      const std::string no = co_await ask(std::string(method) + " /a HTTP/1.1\r\nHost: x\r\n\r\n");
      CHECK(begins(no, "405 "));
      CHECK(holds(no, "Allow: GET, HEAD\r\n"));
    }
  });
}

TEST_CASE_FIXTURE(Fixture, "bodies, giant headers and garbage are refused") {
  run([this]() -> Task<void> {
    const std::string body = co_await ask(get("/", "Content-Length: 3\r\n") + "abc");
    CHECK(begins(body, "413 "));
    const std::string huge = co_await ask(get("/", "Content-Length: 99999999999\r\n") + "abc");
    CHECK(begins(huge, "413 "));
    const std::string chunks =
        co_await ask(get("/", "Transfer-Encoding: chunked\r\n") + "0\r\n\r\n");
    CHECK(begins(chunks, "413 "));
    const std::string many = co_await ask(get("/", "X: " + std::string(900'000, 'y') + "\r\n"));
    CHECK(begins(many, "431 "));
    CHECK(sent);  // not reset meanwhile: who is still sending then may never see the answer
    const std::string path = co_await ask(get("/" + std::string(100'000, 'y')));
    CHECK(begins(path, "431 "));
    const std::string garbage = co_await ask("\x16\x03\x01\x02 this is no HTTP\r\n\r\n");
    CHECK(begins(garbage, "400 "));
    const std::string two = co_await ask("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    CHECK(begins(two, "400 "));
    const std::string good = co_await ask(get("/a"));
    CHECK(begins(good, "200 "));
  });
}

TEST_CASE_FIXTURE(Fixture, "requests may come one after the other, or all at once") {
  run([this]() -> Task<void> {
    Client client(context, address);
    co_await client.send(get("/a", ""));
    const std::string first = co_await client.some();
    CHECK(holds(first, "Connection: keep-alive\r\n"));
    std::string all;
    for (int i = 0; i < 200; ++i) all += get("/" + std::to_string(i), "");
    co_await client.send(all + get("/last"));
    const std::string pages = co_await client.rest();
    CHECK(holds(pages, "\r\n\r\n/0HTTP"));
    CHECK(holds(pages, "\r\n\r\n/199HTTP"));
    CHECK(pages.ends_with("/last"));
  });
}

TEST_CASE_FIXTURE(Fixture, "who sends slowly, or nothing, is cut") {
  run([this]() -> Task<void> {
    Client silent(context, address);
    Client slow(context, address);
    bool taken = true;
    for (int i = 0; i < 20 && taken; ++i) {
      taken = co_await slow.send(i == 0 ? "GET / HTTP/1.1\r\n" : "X: y\r\n");
      co_await pause(Millis{50});
    }
    CHECK(!taken);
    const std::string nothing = co_await silent.rest();
    CHECK(nothing.empty());
    CHECK(server.connections() == 0);
  });
}

TEST_CASE_FIXTURE(Fixture, "who does not read is cut too") {
  run([this]() -> Task<void> {
    Client client(context, address);
    co_await client.send(get("/large", ""));
    co_await pause(Millis{150});
    CHECK(server.connections() == 1);
    co_await pause(Millis{400});
    CHECK(server.connections() == 0);
  });
}

TEST_CASE_FIXTURE(Fixture,
                  "one connection too many is told so, and a place that is free is given") {
  run([this]() -> Task<void> {
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 3; ++i) {
      clients.push_back(std::make_unique<Client>(context, address));
      co_await clients.back()->send(get("/a", ""));
      const std::string page = co_await clients.back()->some();
      CHECK(begins(page, "200 "));
    }
    const std::string fourth = co_await ask(get("/a"));
    CHECK(begins(fourth, "503 "));
    CHECK(holds(fourth, "too many connections"));
    clients.pop_back();
    co_await pause(Millis{50});
    const std::string again = co_await ask(get("/a"));
    CHECK(begins(again, "200 "));
  });
}

TEST_CASE("an order has a path and a query, and no body, where orders are taken") {
  const std::string asked = "POST /sync?a=b%20c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
  HttpLimits limits = quick();
  limits.orders = true;
  Fixture takes(limits);
  takes.run([&]() -> Task<void> {
    const std::string done = co_await takes.ask(asked + "Content-Length: 0\r\n\r\n");
    CHECK(begins(done, "200 "));
    CHECK(holds(done, "order /sync of a=b%20c"));
    const std::string body = co_await takes.ask(asked + "Content-Length: 2\r\n\r\nxx");
    CHECK(begins(body, "413 "));
    const std::string other = co_await takes.ask("PUT /a HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(holds(other, "Allow: GET, HEAD, POST"));
    const std::string page = co_await takes.ask(get("/a?b"));
    CHECK(holds(page, "\r\n\r\n/a"));
  });
  Fixture shows;
  shows.run([&]() -> Task<void> {
    const std::string refused = co_await shows.ask(asked + "\r\n");
    CHECK(begins(refused, "405 "));
  });
}

TEST_CASE_FIXTURE(Fixture, "close() ends what is under way") {
  run([this]() -> Task<void> {
    Client waiting(context, address);
    co_await waiting.send(get("/slow", ""));
    Client idle(context, address);
    co_await pause(Millis{10});
    server.close();
    const std::string nothing = co_await waiting.rest();
    CHECK(nothing.empty());
  });
}

}  // namespace kinto_mirror::daemon
