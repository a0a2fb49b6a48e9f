#include "sync/write/identity.hpp"

#include "base/json_slice.hpp"
#include "sync/test_pair.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using What = Shown::What;

const std::string bucket = "/v1/buckets/kinto-mirror";
const std::string identity = bucket + "/collections/identity";
const std::string checkpoints = bucket + "/collections/checkpoints";
constexpr std::int64_t long_ago = 1'000'000;
constexpr std::int64_t present = 900'000'000;

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

http::Response answer_of(int status, std::string body = {}) {
  http::Response response;
  response.status = status;
  response.body = status < 400 ? std::move(body) : R"({"errno":999})";
  return response;
}

http::Response carry_out(Way& way, const http::Request& request, const std::string& path);

// The one question that is asked in a batch: how many there are.
http::Response carry_out_batch(Way& way, const http::Request& request) {
  const std::string_view body = request.body;
  const std::size_t begin = body.find("\"path\":\"") + 8;
  const std::string path = "/v1" + std::string(body.substr(begin, body.find('"', begin) - begin));
  const http::Response head = carry_out(way, http::Request("HEAD", path), path);
  std::string headers;
  for (const auto& [name, value] : head.headers) {
    headers += (headers.empty() ? "" : ",") + json::quoted(name) + ":" + json::quoted(value);
  }
  return answer_of(200, R"({"responses":[{"body":{},"status":)" + std::to_string(head.status) +
                            R"(,"headers":{)" + headers + "}}]}");
}

http::Response carry_out(Way& way, const http::Request& request, const std::string& path) {
  Kept& kept = *way.kept;
  if (path == "/v1/batch") return carry_out_batch(way, request);
  const auto object = [&] {
    return R"({"data":{"id":"x","last_modified":)" + std::to_string(kept.stamps[path]) + "," +
           kept.objects[path].substr(1) + "}";
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
  void progress(const CollectionId&, std::int64_t, std::int64_t) override {}
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

  std::vector<Result<void>> starts(int daemons, Stamp date = Stamp{present}) {
    return kinto::test::run(all(daemons, date));
  }
  Result<void> start(Stamp date = Stamp{present}) { return starts(1, date).front(); }

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

  Task<void> one(Stamp date, TaskGroup& background, Result<void>& out) {
    const auto from = server("master", master);
    const auto to = server("replica", replica);
    ReplicaTraits traits;
    const PassContext context{*from, *to, options, clock, stop, background, notices, traits};
    out = co_await tell_apart(context, date);
  }

  Task<std::vector<Result<void>>> all(int daemons, Stamp date) {
    TaskGroup group(co_await boost::asio::this_coro::executor);
    std::vector<Result<void>> out(static_cast<std::size_t>(daemons), success());
    for (Result<void>& result : out) group.spawn(one(date, group, result));
    co_await group.join();
    co_return out;
  }
};

using Requests = std::vector<std::string>;

}  // namespace

TEST_CASE("what two looks tell of the kinship of two servers") {
  const auto shows = [](std::string nonce, std::int64_t stamp) {
    return Shown{What::identity, std::move(nonce), Stamp{stamp}};
  };
  const Shown nothing{What::nothing, "", {}};
  const Shown forbidden{What::forbidden, "", {}};
  const Shown unknown;
  const SoFar fresh{"", unknown, Stamp{1000}};
  const SoFar sent{"own", shows("own", 2000), Stamp{1000}};
  const SoFar sent_before{"own", shows("other", 2000), Stamp{1000}};
  struct Case {
    std::string what;
    Shown master;
    Shown replica;
    SoFar known;
    Kinship kinship;
  };
  const std::vector<Case> cases{
      {"an old identity, and the master has none", nothing, shows("n", 500), fresh, Kinship::apart},
      {"the same, where one may not look", forbidden, shows("n", 500), fresh, Kinship::apart},
      {"a master that is a replica itself", shows("m", 10), shows("n", 500), fresh, Kinship::apart},
      {"an identity that may be of now", nothing, shows("n", 1000), fresh, Kinship::restless},
      {"it stood before", nothing, shows("own", 2000), sent, Kinship::apart},
      {"it was changed since", nothing, shows("n", 2001), sent, Kinship::restless},
      {"it was given another nonce", shows("n", 2001), shows("k", 2002), sent, Kinship::restless},
      {"nobody was here yet", forbidden, forbidden, fresh, Kinship::open},
      {"it was removed since", nothing, nothing, sent, Kinship::open},
      {"both show one, of whatever age", shows("n", 500), shows("n", 500), fresh, Kinship::open},
      {"both show that of another daemon", shows("n", 9), shows("n", 9), sent, Kinship::open},
      {"an identity without a nonce", nothing, shows("", 500), fresh, Kinship::open},
      {"two of them are no likeness", shows("", 500), shows("", 500), fresh, Kinship::open},
      {"the master shows what was sent", shows("own", 9), shows("own", 9), sent, Kinship::one},
      {"also without an answer to it", shows("own", 9), unknown, sent_before, Kinship::one},
      {"the master does not answer", unknown, shows("n", 500), fresh, Kinship::unknown},
      {"the replica does not answer", nothing, unknown, fresh, Kinship::unknown},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    CHECK(kinship(c.master, c.replica, c.known) == c.kinship);
  }
}

TEST_CASE("two servers cost a request each, where the replica was met before") {
  Site site;
  site.replica.kept->identify("n", long_ago);
  SUBCASE("a master like any other") {}
  SUBCASE("a master that is a replica itself") {
    site.master.kept->identify("m", long_ago);
  }
  CHECK(site.start().has_value());
  CHECK(site.master.seen == Requests{"GET " + identity});
  CHECK(site.replica.seen == Requests{"GET " + identity});
  CHECK(site.notices.told.empty());
}

TEST_CASE("the first start gives the replica its identity") {
  Site site;
  CHECK(site.start().has_value());
  CHECK(site.replica.kept->nonce().size() == 32);
  CHECK(site.master.kept->objects.empty());
  CHECK(site.master.seen.size() == 2);
  CHECK(site.replica.seen ==
        Requests{"GET " + identity, "PUT " + bucket, "PUT " + identity, "GET " + identity});
}

TEST_CASE("a replica that a daemon without this knew gets the identity alone") {
  Site site;
  site.replica.kept->put(bucket, "{}", 1);
  site.replica.kept->put(checkpoints, "{}", 1);
  CHECK(site.start().has_value());
  CHECK(site.replica.seen == Requests{"GET " + identity, "PUT " + identity, "GET " + identity});
}

TEST_CASE("one server under two names is refused, and nothing of it is left there") {
  Site site;
  site.make_one();
  SUBCASE("met for the first time") {}
  SUBCASE("through a cache that keeps every answer") {
    site.master.through_cache = true;
  }
  for (int starts = 0; starts < 2; ++starts) {
    const auto refused = site.start();
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == Errc::config);
    for (const char* word : {"http://master.test/v1", "http://replica.test/v1", "same server",
                             "has been removed", "give the address of another server"}) {
      CAPTURE(word);
      CHECK(refused.error().message.find(word) != std::string::npos);
    }
    CHECK(site.master.kept->objects.empty());
  }
}

TEST_CASE("of one server that is the replica of another too, the identity alone is removed") {
  Site site;
  site.make_one();
  site.master.kept->identify("n", long_ago);
  site.master.kept->put(checkpoints, "{}", 2);
  REQUIRE(site.start().has_error());
  CHECK(site.master.kept->objects.size() == 2);
  CHECK(site.master.kept->nonce().empty());
}

TEST_CASE("what others put there meanwhile is left to them") {
  Site site;
  site.make_one();
  site.master.before = [&site] {
    if (site.master.kept->objects.contains(identity)) {
      site.master.kept->put(checkpoints, "{}", 2);
    }
  };
  REQUIRE(site.start().has_error());
  CHECK(site.master.kept->objects.size() == 2);
  CHECK(site.master.kept->nonce().empty());
}

TEST_CASE("what cannot be removed is named, with the mend") {
  Site site;
  site.make_one();
  site.master.before = [&site] {
    if (site.master.kept->objects.contains(identity)) site.replica.broken = 400;
  };
  const auto refused = site.start();
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == Errc::config);
  CHECK(refused.error().message.find("could not be removed (400") != std::string::npos);
  CHECK(refused.error().message.find("delete it by hand") != std::string::npos);
}

TEST_CASE("a copy of the other's database is another server") {
  Site site;
  site.master.kept->identify("n", long_ago);
  *site.replica.kept = *site.master.kept;
  CHECK(site.start().has_value());
  CHECK(site.master.kept->nonce() == "n");
  CHECK(site.replica.kept->nonce() != "n");
  CHECK(site.notices.told.empty());
  site.master.seen.clear();
  CHECK(site.start(Stamp{present + 3'600'000}).has_value());
  CHECK(site.master.seen.size() == 1);
}

TEST_CASE("who has no right to write there is told nothing, and goes on") {
  Site site;
  site.make_one();
  site.replica.may_write = false;
  CHECK(site.start().has_value());
  CHECK(site.master.kept->objects.empty());
  CHECK(site.notices.told.empty());
}

TEST_CASE("who may see a likeness and not try it is told of it") {
  Site site;
  site.make_one();
  site.master.kept->identify("n", long_ago);
  site.replica.may_write = false;
  CHECK(site.start().has_value());
  REQUIRE(site.notices.told.size() == 1);
  CHECK(site.notices.told.front().find("http://master.test/v1") != std::string::npos);
  CHECK(site.notices.told.front().find("http://replica.test/v1") != std::string::npos);
}

TEST_CASE("a server that gives no clear answer stops nothing, and is left alone") {
  Site site;
  SUBCASE("the master fails") {
    for (const int status : {500, 503, 400, 301, 200}) {
      site.master.broken = status;
      CHECK(site.start().has_value());
    }
    CHECK(site.replica.kept->objects.empty());
  }
  SUBCASE("the replica fails") {
    for (const int status : {500, 503, 400, 301, 200, 405}) {
      site.replica.broken = status;
      CHECK(site.start().has_value());
    }
  }
  CHECK(site.notices.told.empty());
}

TEST_CASE("a dry run writes nothing, and tells of a likeness") {
  Site site;
  site.options.dry_run = true;
  bool likely = true;
  SUBCASE("one server that was met before") {
    site.make_one();
    site.master.kept->identify("n", long_ago);
  }
  SUBCASE("one server that was never met") {
    site.make_one();
  }
  SUBCASE("two servers") {
    site.replica.kept->identify("n", long_ago);
    likely = false;
  }
  SUBCASE("two servers that were never met") {
    site.replica.kept->buckets_etag = 6;
    likely = false;
  }
  const auto before = site.replica.kept->objects;
  CHECK(site.start().has_value());
  CHECK(site.replica.kept->objects == before);
  CHECK(site.notices.told.size() == (likely ? 1 : 0));
}

TEST_CASE("two daemons at once on one pair are both told the truth") {
  for (unsigned seed = 1; seed <= 500; ++seed) {
    CAPTURE(seed);
    for (const bool one : {true, false}) {
      for (const bool met : {true, false}) {
        CAPTURE(one);
        CAPTURE(met);
        Site site;
        site.random.seed(seed);
        if (met) site.master.kept->identify("n", long_ago);
        if (one) {
          site.make_one();
        } else {
          *site.replica.kept = *site.master.kept;
        }
        for (const auto& start : site.starts(2)) CHECK(start.has_error() == one);
        CHECK(site.master.kept->nonce() == (!one && met ? "n" : ""));
      }
    }
  }
}

}  // namespace kinto_mirror::sync
