#pragma once
// Two Kintos of the model, with the daemon's way to them and all that a pass needs: for tests of
// what drives, which say what both sides hold and look at what they hold then.

#include "kinto/test_fakes.hpp"
#include "sync/test_context.hpp"
#include "sync/test_site.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync::test {

// What the observer was told.
class Told final : public Observer {
 public:
  explicit Told(const Time& time) : time_(time) {}

  struct Pass {
    std::int64_t ms;  // when it ended
    CollectionReport report;
  };

  void containers_done(const std::string&, const ContainersReport& report) override {
    containers.push_back(report);
  }
  void pass_done(const std::string&, const CollectionReport& report) override {
    passes.push_back({time_.ms(), report});
  }
  void quarantined(const std::string&, const CollectionId&, const Refusal& refusal) override {
    refused.push_back(refusal.id);
  }
  void progress(const std::string&, const CollectionId&, std::int64_t done,
                std::int64_t total) override {
    walked.emplace_back(done, total);
  }
  void round_failed(const std::string& replica, const Error& error, Millis next) override {
    rounds.push_back(replica + " failed");
    failed_rounds.push_back(error);
    waits.push_back(next.count());
  }
  void round_worked(const std::string& replica, std::size_t collections) override {
    rounds.push_back(replica + " worked");
    worked.push_back(collections);
  }
  void notice(const std::string&, const CollectionId& id, std::string_view message) override {
    notices.push_back(id.str() + ": " + std::string(message));
  }

  // How often.
  [[nodiscard]] int says(const std::string& part) const {
    return static_cast<int>(std::ranges::count_if(
        notices, [&part](const std::string& one) { return one.find(part) != std::string::npos; }));
  }

  std::vector<Pass> passes;
  std::vector<ContainersReport> containers;
  std::vector<std::pair<std::int64_t, std::int64_t>> walked;  // done, of so many
  std::vector<std::string> refused;
  std::vector<std::string> notices;
  std::vector<std::string> rounds;  // "replica worked", "far failed"
  std::vector<Error> failed_rounds;
  std::vector<std::int64_t> waits;  // behind those
  std::vector<std::size_t> worked;

 private:
  const Time& time_;
};

// "audit in-sync +1 ~2 -0, extra 3": what was created, updated and deleted, and what is not alike.
inline std::string said(const CollectionReport& report) {
  const auto number = [](std::int64_t value) { return std::to_string(value); };
  std::string out = std::string(to_string(report.kind)) + " " +
                    std::string(to_string(report.state)) + " +" + number(report.written.created) +
                    " ~" + number(report.written.updated) + " -" + number(report.written.deleted);
  const Differences& found = report.found;
  if (found.missing > 0) out += ", missing " + number(found.missing);
  if (found.differs > 0) out += ", differs " + number(found.differs);
  if (found.extra > 0) out += ", extra " + number(found.extra);
  if (found.undeleted > 0) out += ", undeleted " + number(found.undeleted);
  return out;
}

// The daemon's way to a site.
class Direct final : public http::Transport {
 public:
  explicit Direct(Site& site) : site_(site) {}
  ResultTask<http::Response> exchange(const http::Request& request) override {
    // The others go on meanwhile.
    const auto executor = co_await boost::asio::this_coro::executor;
    co_await boost::asio::post(executor, boost::asio::use_awaitable);
    co_return site_.answer(request);
  }
  void abort() override {}
  [[nodiscard]] const http::Origin& origin() const noexcept override { return origin_; }

 private:
  Site& site_;
  http::Origin origin_{false, "site.test", "80"};
};

// The daemon's user there is "mirror".
inline kinto::ServerConfig server_at(const std::string& name) {
  kinto::ServerConfig config;
  config.name = name;
  config.url = "http://" + name + ".test/v1";
  config.base_path = "/v1";
  config.authorization = Site::authorization("mirror");
  return config;
}

// What passes leave on a replica is told without closing marks; the tests of those switch them on.
inline Options without_marks() {
  Options options;
  options.closing_marks = false;
  return options;
}

// A master that the daemon's user may read and a replica that he may write to. Both have the
// collection b/c, without records.
class Sites {
 public:
  explicit Sites(Profile of_master = Profile::memory, Profile of_replica = Profile::memory)
      : told(time),
        master("master", of_master, time),
        replica("replica", of_replica, time),
        from_master(server_at("master"), std::make_unique<Direct>(master), time, stop),
        to_replica(server_at("replica"), std::make_unique<Direct>(replica), time, stop) {
    // Tests of looks between two rounds set it.
    options.active_interval = options.interval;
    provide(the_collection);
    time.pass(Millis{1'000'000});
  }

  // On both sides.
  void provide(const CollectionId& id) {
    for (Site* const site : {&master, &replica}) site->provide(id);
    master.allow("read", id.bucket);
    replica.allow("write", id.bucket);
  }

  // Awaits `work(context)`, then whatever it left in the background.
  template <class T, class Work>
  T run(Work work) {
    return run_with<T>(*this, std::move(work));
  }

  [[nodiscard]] PassContext context(TaskGroup& background) {
    return {from_master, to_replica, options, time, stop, background, told, traits};
  }

  Time time;
  Options options = without_marks();
  Stop stop;
  Told told;
  ReplicaTraits traits;
  Site master;
  Site replica;
  kinto::Server from_master;
  kinto::Server to_replica;
};

}  // namespace kinto_mirror::sync::test
