#include "daemon/status/test_http_server.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

using namespace http_test;

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

TEST_CASE_FIXTURE(Fixture, "the handler is given the credentials, and may add headers") {
  run([this]() -> Task<void> {
    const std::string page =
        co_await ask(get("/who", "Authorization: Bearer abc\r\nConnection: close\r\n"));
    CHECK(holds(page, "\r\nX-Who: Bearer abc\r\n"));
    const std::string nobody = co_await ask(get("/who"));
    CHECK(holds(nobody, "\r\nX-Who: \r\n"));
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
