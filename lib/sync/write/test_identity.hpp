#pragma once
// Two servers, or one under two names, with what stands between them and the daemon, for the tests
// of their identities.

#include "base/json_slice.hpp"
#include "sync/test_pair.hpp"
#include "sync/write/identity.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace kinto_mirror::sync::test::kinship {

using What = Shown::What;

inline const std::string bucket = "/v1/buckets/kinto-mirror";
inline const std::string identity = bucket + "/collections/identity";
inline const std::string checkpoints = bucket + "/collections/checkpoints";
inline constexpr std::int64_t long_ago = 1'000'000;
inline constexpr std::int64_t present = 900'000'000;

// What a Kinto keeps of all this.
struct Kept {
  std::map<std::string, std::string> objects;  // by path: their data
  std::map<std::string, std::int64_t> stamps;
  std::int64_t now = present;
  std::int64_t buckets_etag = 5;

  void put(const std::string& path, std::string data, std::int64_t stamp) {
    objects[path] = std::move(data);
    stamps[path] = stamp;
  }
  void identify(const std::string& nonce, std::int64_t stamp) {
    put(bucket, "{}", 1);
    put(identity, R"({"nonce":")" + nonce + "\"}", stamp);
  }
  [[nodiscard]] std::string nonce() const {
    const auto found = objects.find(identity);
    if (found == objects.end()) return {};
    return json::to_string(json::member(found->second, "nonce").value_or("\"\"")).value_or("");
  }
};

// The way to a server: two of them may lead to one.
struct Way {
  std::shared_ptr<Kept> kept = std::make_shared<Kept>();
  bool may_write = true;
  int broken = 0;              // the status of each answer; 0: it works
  bool through_cache = false;  // which keeps every answer to a GET for ever
  std::map<std::string, http::Response> cache;
  std::vector<std::string> seen;  // methods and targets without their queries
  std::function<void()> before;   // whatever happens as a request arrives
};

inline http::Response answer_of(int status, std::string body = {}) {
  http::Response response;
  response.status = status;
  response.body = status < 400 ? std::move(body) : R"({"errno":999})";
  return response;
}

inline http::Response carry_out(Way& way, const http::Request& request, const std::string& path);

inline http::Response carry_out_batch(Way& way, const http::Request& request) {
  std::string responses;
  const boost::json::value batch = boost::json::parse(request.body);
  for (const boost::json::value& part : batch.at("requests").as_array()) {
    const boost::json::object& asked = part.as_object();
    const std::string path = "/v1" + std::string(asked.at("path").as_string());
    http::Request one(std::string(asked.at("method").as_string()), path);
    if (const auto* const body = asked.if_contains("body")) one.body = serialize(*body);
    if (const auto* const headers = asked.if_contains("headers")) {
      for (const auto& [name, value] : headers->as_object()) {
        one.headers.emplace_back(name, value.as_string());
      }
    }
    way.seen.push_back("in a batch: " + one.method + " " + path);
    const http::Response answer = carry_out(way, one, path);
    std::string headers;
    for (const auto& [name, value] : answer.headers) {
      headers += (headers.empty() ? "" : ",") + json::quoted(name) + ":" + json::quoted(value);
    }
    responses += (responses.empty() ? "" : ",") +
                 (R"({"body":)" + (answer.body.empty() ? "{}" : answer.body) + R"(,"status":)" +
                  std::to_string(answer.status) + R"(,"headers":{)" + headers + "}}");
  }
  return answer_of(200, R"({"responses":[)" + responses + "]}");
}

inline http::Response carry_out(Way& way, const http::Request& request, const std::string& path) {
  Kept& kept = *way.kept;
  if (path == "/v1/batch") return carry_out_batch(way, request);
  const auto object = [&] {
    const std::string& data = kept.objects[path];
    return R"({"data":{"id":"x","last_modified":)" + std::to_string(kept.stamps[path]) +
           (data == "{}" ? "" : ",") + data.substr(1) + "}";
  };
  const bool there = kept.objects.contains(path);
  if (path == "/v1/buckets") {
    auto response = answer_of(200);
    response.headers = {{"ETag", "\"" + std::to_string(kept.buckets_etag) + "\""}};
    return response;
  }
  if (request.method == "HEAD") {
    auto response = answer_of(kept.objects.contains(bucket) ? 200 : 403);
    int live = 0;
    for (const auto& [name, data] : kept.objects) live += name.starts_with(path + "/") ? 1 : 0;
    response.headers = {{"ETag", "\"5\""}, {"Total-Objects", std::to_string(live)}};
    return response;
  }
  if (path != bucket && !kept.objects.contains(bucket)) return answer_of(403);
  if (request.method == "GET") {
    if (!there && !way.may_write) return answer_of(403);
    return there ? answer_of(200, object()) : answer_of(404);
  }
  if (!way.may_write) return answer_of(403);
  if (request.method == "DELETE") {
    if (!there) return answer_of(404);
    std::erase_if(kept.objects, [&](const auto& one) { return one.first.starts_with(path); });
    return answer_of(200, R"({"data":{"id":"x","last_modified":7,"deleted":true}})");
  }
  const auto if_match = http::find_header(request.headers, "If-Match");
  const bool moved =
      if_match && (!there || *if_match != "\"" + std::to_string(kept.stamps[path]) + "\"");
  if (moved || (there && http::find_header(request.headers, "If-None-Match")))
    return answer_of(412);
  kept.put(path, std::string(json::member(request.body, "data").value_or("{}")), ++kept.now);
  if (path == identity) {
    CHECK(json::member(request.body, "permissions") == R"({"read":["system.Everyone"]})");
  }
  return answer_of(there ? 200 : 201, object());
}

class WayTransport final : public http::Transport {
 public:
  WayTransport(Way& way, std::minstd_rand& random) : way_(way), random_(random) {}

  ResultTask<http::Response> exchange(const http::Request& request) override {
    const auto executor = co_await boost::asio::this_coro::executor;
    for (auto turns = random_() % 4; turns > 0; --turns) {
      co_await boost::asio::post(executor, boost::asio::use_awaitable);
    }
    const std::string path = request.target.substr(0, request.target.find('?'));
    way_.seen.push_back(request.method + " " + path);
    if (way_.before) way_.before();
    if (way_.broken != 0) co_return answer_of(way_.broken);
    const bool cached = way_.through_cache && request.method == "GET";
    if (cached && way_.cache.contains(request.target)) co_return way_.cache[request.target];
    http::Response response = carry_out(way_, request, path);
    if (cached) way_.cache[request.target] = response;
    for (auto turns = random_() % 4; turns > 0; --turns) {
      co_await boost::asio::post(executor, boost::asio::use_awaitable);
    }
    co_return response;
  }
  void abort() override {}
  [[nodiscard]] const http::Origin& origin() const noexcept override { return origin_; }

 private:
  Way& way_;
  std::minstd_rand& random_;
  http::Origin origin_{false, "somewhere.test", "80"};
};

class Notices final : public Observer {
 public:
  void containers_done(const std::string&, const ContainersReport&) override {}
  void pass_done(const std::string&, const CollectionReport&) override {}
  void quarantined(const std::string&, const CollectionId&, const Refusal&) override {}
  void progress(const std::string&, const CollectionId&, std::int64_t, std::int64_t) override {}
  void round_failed(const std::string&, const Error&, Millis) override {}
  void round_worked(const std::string&, std::size_t) override {}
  void notice(const std::string&, const CollectionId&, std::string_view message) override {
    told.emplace_back(message);
  }

  std::vector<std::string> told;
};

// Some daemons, each with a way of its own to the master and the replica.
struct Site {
  Way master;
  Way replica;
  Options options;
  kinto::test::FakeClock clock;
  Stop stop;
  Notices notices;
  std::minstd_rand random;

  std::vector<Result<void>> starts(int daemons) { return kinto::test::run(all(daemons)); }
  Result<void> start() { return starts(1).front(); }

  void make_one() { replica.kept = master.kept; }

 private:
  std::unique_ptr<kinto::Server> server(const std::string& name, Way& way) {
    kinto::ServerConfig config;
    config.name = name;
    config.url = "http://" + name + ".test/v1";
    config.base_path = "/v1";
    return std::make_unique<kinto::Server>(
        std::move(config), std::make_unique<WayTransport>(way, random), clock, stop);
  }

  Task<void> one(TaskGroup& background, Result<void>& out) {
    const auto from = server("master", master);
    const auto to = server("replica", replica);
    ReplicaTraits traits;
    const PassContext context{*from, *to, options, clock, stop, background, notices, traits};
    Shown before = co_await look_for_identity(*to);
    out = co_await tell_apart(context, std::move(before));
  }

  Task<std::vector<Result<void>>> all(int daemons) {
    TaskGroup group(co_await boost::asio::this_coro::executor);
    std::vector<Result<void>> out(static_cast<std::size_t>(daemons), success());
    for (Result<void>& result : out) group.spawn(one(group, result));
    co_await group.join();
    co_return out;
  }
};

using Requests = std::vector<std::string>;

}  // namespace kinto_mirror::sync::test::kinship
