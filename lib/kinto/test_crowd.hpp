#pragma once
// A server that is asked several things at once, for the unit tests of what goes together.

#include "base/task_group.hpp"
#include "kinto/server.hpp"
#include "kinto/test_fakes.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::kinto::test {

// The answer to a batch of these parts.
inline std::string batch(const std::vector<std::string>& parts) {
  std::string out = "{\"responses\":[";
  for (const std::string& part : parts) out += (&part == &parts.front() ? "" : ",") + part;
  return out + "]}";
}

// A server on the machine's clock, which is asked several things at once.
class Crowd {
 public:
  explicit Crowd(Millis gather = Millis{5'000}, Millis linger = Millis{0})
      : server(config(gather, linger), std::make_unique<ScriptedTransport>(script, clock), clock,
               stop) {
    script.takes_a_while = true;
  }

  using Visit = std::function<Task<void>(Crowd&)>;
  void run(const std::vector<Visit>& visits) {
    boost::asio::io_context io;
    boost::asio::co_spawn(io, all(*this, visits), [](const std::exception_ptr& error) {
      if (error) std::rethrow_exception(error);
    });
    io.run();
  }

  // What was asked: "GET /v1/x" or "HEAD GET" of a batch's parts.
  [[nodiscard]] std::vector<std::string> asked() const {
    std::vector<std::string> out;
    for (const Seen& one : script.seen) {
      std::string line = one.request.method + " " + one.request.target;
      const std::string& body = one.request.body;
      for (std::size_t at = 0; (at = body.find("\"path\":\"", at)) != std::string::npos;) {
        at += 8;
        line += " " + body.substr(at, body.find('"', at) - at);
      }
      out.push_back(std::move(line));
    }
    return out;
  }

  SystemClock clock;
  Stop stop;
  Script script;
  Server server;
  std::vector<std::string> said;

 private:
  static ServerConfig config(Millis gather, Millis linger) {
    ServerConfig config;
    config.name = "master";
    config.url = "http://master.test/v1";
    config.base_path = "/v1";
    config.gather = gather;
    config.linger = linger;
    config.retry.first = Millis{1};
    return config;
  }
  static Task<void> all(Crowd& crowd, const std::vector<Visit>& visits) {
    TaskGroup group(co_await boost::asio::this_coro::executor);
    for (const Visit& visit : visits) group.spawn(visit(crowd));
    co_await group.join();
  }
};

}  // namespace kinto_mirror::kinto::test
