// Who has a place at the server, and who goes when there are too many.

#include "daemon/status/test_http_server.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <vector>

namespace kinto_mirror::daemon {

using namespace http_test;

TEST_CASE_FIXTURE(Fixture, "of too many connections the one that was silent for longest goes") {
  run([this]() -> Task<void> {
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 3; ++i) {
      clients.push_back(std::make_unique<Client>(context, address));
      co_await pause(Millis{5});
    }
    co_await clients[0]->send(get("/a", ""));
    const std::string page = co_await clients[0]->some();
    CHECK(begins(page, "200 "));
    const std::string fourth = co_await ask(get("/a"));
    CHECK(begins(fourth, "200 "));
    const std::string cut = co_await clients[1]->rest();
    CHECK(cut.empty());
    // Who was answered since, and who came later, are there still.
    for (const std::size_t stays : {std::size_t{0}, std::size_t{2}}) {
      co_await clients[stays]->send(get("/b", ""));
      const std::string other = co_await clients[stays]->some();
      CHECK(begins(other, "200 "));
    }
    CHECK(server.connections() == 2);
  });
}

TEST_CASE_FIXTURE(Fixture, "where each waits for its answer, one more has a place, and no other") {
  run([this]() -> Task<void> {
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 3; ++i) {
      clients.push_back(std::make_unique<Client>(context, address));
      co_await clients.back()->send(get("/slow", ""));
    }
    co_await pause(Millis{10});
    Client probe(context, address);
    co_await probe.send(get("/slow"));
    co_await pause(Millis{10});
    const std::string fifth = co_await ask(get("/a"));
    CHECK(begins(fifth, "503 "));
    CHECK(holds(fifth, "too many connections"));
    const std::string probed = co_await probe.rest();
    CHECK(begins(probed, "200 "));
    for (const auto& client : clients) {
      const std::string page = co_await client->some();
      CHECK(begins(page, "200 "));
    }
  });
}

}  // namespace kinto_mirror::daemon
