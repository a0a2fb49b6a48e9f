#pragma once
// A master and a replica of the model, which do what Kinto does, with all that a pass or an engine
// needs, for the tests of what drives. Whoever sleeps has slept at once.

#include "kinto/test_fakes.hpp"
#include "model/kinto.hpp"
#include "sync/pass_context.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kinto_mirror::sync::test {

// "u:p" and "o:p".
inline constexpr const char* daemon_user = "Basic dTpw";
inline constexpr const char* other_user = "Basic bzpw";

// Keeps what it is told.
class Heard final : public Observer {
 public:
  void containers_done(const std::string&, const ContainersReport&) override {}
  void pass_done(const std::string&, const CollectionReport& report) override {
    passes.push_back(report);
  }
  void quarantined(const std::string&, const CollectionId&, const Refusal&) override {}
  void progress(const CollectionId&, std::int64_t, std::int64_t) override {}
  void round_failed(const std::string& replica, const Error&, Millis) override {
    failed.push_back(replica);
  }
  void round_worked(const std::string& replica, std::size_t) override { worked.push_back(replica); }
  void notice(const std::string&, const CollectionId& id, std::string_view message) override {
    notices.push_back(id.str() + ": " + std::string(message));
  }

  std::vector<CollectionReport> passes;
  std::vector<std::string> failed;
  std::vector<std::string> worked;
  std::vector<std::string> notices;
};

// One Kinto, and the server as the daemon speaks with it.
class Host {
 public:
  using Answered = std::optional<Result<http::Response>>;
  using Front = std::function<Answered(const http::Request&)>;

  // The clock of each Kinto goes with that of the daemon.
  Host(const std::string& name, Clock& clock, Stop& stop)
      : kinto({}, [&clock] { return epoch + clock.now().time_since_epoch().count(); }),
        server(config(name), std::make_unique<Way>(*this, name), clock, stop) {}
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // Somebody's own request, past what stands in front. REQUIRES: it succeeds.
  std::string send(std::string method, const std::string& path, std::string body = {},
                   const char* user = daemon_user) {
    http::Headers headers{{"Authorization", user}, {"Host", "h"}};
    const http::Response answer =
        kinto.answer({std::move(method), "/v1" + path, std::move(headers), std::move(body)});
    CAPTURE(answer.body);
    REQUIRE(answer.status < 300);
    return answer.body;
  }

  // With its bucket, and this many records: r0, r1...
  void make(const CollectionId& id, int records = 0) {
    send("PUT", kinto::bucket_path(id));
    send("PUT", kinto::collection_path(id));
    for (int i = 0; i < records; ++i) {
      send("PUT", kinto::record_path(id, "r" + std::to_string(i)),
           R"({"data":{"n":)" + std::to_string(i) + "}}");
    }
  }

  // Whatever is there, in words.
  [[nodiscard]] std::string records(const CollectionId& id) {
    return send("GET", kinto::records_path(id) + "?_sort=id");
  }

  // That many requests were answered here whose target holds `part`.
  [[nodiscard]] std::int64_t asked(std::string_view part) const {
    return std::ranges::count_if(
        seen, [part](const std::string& one) { return one.find(part) != std::string::npos; });
  }

  model::Kinto kinto;
  Front front;                    // answers in its place, where it has an answer
  std::vector<std::string> seen;  // "GET /v1/buckets"
  kinto::Server server;

 private:
  static constexpr std::int64_t epoch = 1'700'000'000'000;

  class Way final : public http::Transport {
   public:
    Way(Host& host, const std::string& name) : host_(host), origin_{false, name + ".test", "80"} {}

    ResultTask<http::Response> exchange(const http::Request& request) override {
      const auto executor = co_await boost::asio::this_coro::executor;
      co_await boost::asio::post(executor, boost::asio::use_awaitable);  // others go on meanwhile
      host_.seen.push_back(request.method + " " + request.target);
      Answered instead;
      if (host_.front) instead = host_.front(request);
      if (instead) co_return std::move(*instead);
      co_return host_.kinto.answer(request);
    }
    void abort() override {}
    [[nodiscard]] const http::Origin& origin() const noexcept override { return origin_; }

   private:
    Host& host_;
    http::Origin origin_;
  };

  static kinto::ServerConfig config(const std::string& name) {
    kinto::ServerConfig config;
    config.name = name;
    config.url = "http://" + name + ".test/v1";
    config.base_path = "/v1";
    config.authorization = daemon_user;
    return config;
  }
};

inline http::Response refusal(int status, std::string body = {}) {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

struct Hosts {
  // Awaits `work(context)`, then whatever it left in the background.
  template <class T, class Work>
  T run(Work work) {
    return kinto::test::run(in_context<T>(work));
  }

  void wait(Millis time) { CHECK(kinto::test::run(let_pass(time))); }

  kinto::test::FakeClock clock;
  Stop stop;
  Host master{"master", clock, stop};
  Host replica{"replica", clock, stop};
  Options options;
  ReplicaTraits traits;
  Heard told;

 private:
  template <class T, class Work>
  Task<T> in_context(Work& work) {
    TaskGroup background(co_await boost::asio::this_coro::executor);
    const PassContext context{master.server, replica.server, options, clock,
                              stop,          background,     told,    traits};
    T out = co_await work(context);
    co_await background.join();
    co_return out;
  }
  Task<bool> let_pass(Millis time) {
    co_await clock.sleep(time, stop);
    co_return true;
  }
};

}  // namespace kinto_mirror::sync::test
