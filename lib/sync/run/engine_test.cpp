#include "sync/run/engine.hpp"

#include "sync/test_sites.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::Direct;
using test::server_at;
using test::Site;
using test::Sites;
using test::the_collection;

const CollectionId kept("kinto-mirror", "checkpoints");

// An engine with a second replica.
struct Driven : Sites {
  Driven() {
    far.provide(the_collection);
    far.allow("write");
    master.hold("a 10, b 20, c 30");
  }

  void make_engine(std::vector<kinto::Server*> replicas) {
    engine.emplace(options, from_master, std::move(replicas), time, stop, told);
  }
  void make_engine() { make_engine({&to_replica, &to_far}); }

  RunReport once() { return kinto::test::run(engine->once()); }

  // At each nap it does what comes next, and at the last one it is stopped.
  void follow(std::vector<std::function<void()>> at_naps) {
    std::size_t naps = 0;
    time.on_sleep = [&, this] {
      if (naps < at_naps.size()) at_naps[naps]();
      if (++naps >= at_naps.size()) stop.request();
    };
    CHECK(kinto::test::run(followed()));
    CHECK(naps == at_naps.size());
  }

  // Until somebody stops it.
  Task<bool> followed() {
    co_await engine->follow();
    co_return true;
  }

  // All that the master holds.
  [[nodiscard]] bool is_copied_to(const Site& site) const {
    return site.bodies() == master.bodies() && !site.bodies().empty();
  }
  [[nodiscard]] bool was(const std::string& round) const {
    return std::ranges::find(told.rounds, round) != told.rounds.end();
  }

  Site far{"far", test::Profile::memory, time};
  kinto::Server to_far{server_at("far"), std::make_unique<Direct>(far), time, stop};
  std::optional<Engine> engine;
};

}  // namespace

TEST_CASE("one run brings every replica up to date, and reports in the order given") {
  Driven site;
  site.make_engine();
  const RunReport report = site.once();
  REQUIRE(report.replicas.size() == 2);
  CHECK(report.in_sync());
  CHECK(report.replicas[0].name == "replica");
  CHECK(report.replicas[1].name == "far");
  for (const Site* const replica : {&site.replica, &site.far}) {
    CHECK(site.is_copied_to(*replica));
    CHECK(replica->bodies(kept).size() == 1);
  }
}

TEST_CASE("a replica that cannot be reached keeps no other from being copied to") {
  Driven site;
  site.replica.fail("", Errc::unreachable, 1, test::always);
  site.make_engine();
  const RunReport report = site.once();
  REQUIRE(report.replicas[0].error);
  CHECK(report.replicas[0].error->code == Errc::unreachable);
  CHECK_FALSE(report.replicas[1].error);
  CHECK(site.is_copied_to(site.far));
  CHECK_FALSE(report.in_sync());
}

TEST_CASE("checkpoints go into one file where there is one, and then none to the replicas") {
  Driven site;
  const std::filesystem::path file = std::filesystem::temp_directory_path() /
                                     ("kinto-mirror-engine-" + std::to_string(::getpid()));
  site.options.checkpoint_file = file.string();
  site.make_engine();
  CHECK(site.once().in_sync());
  std::ifstream in(file);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  std::filesystem::remove(file);
  std::filesystem::remove(file.string() + ".lock");
  for (const kinto::Server* const server : {&site.to_replica, &site.to_far}) {
    CHECK(text.find(server->config().url) != std::string::npos);
  }
  for (const Site* const replica : {&site.replica, &site.far}) {
    const model::Store& store = replica->kinto.store();
    CHECK(store.live({"/buckets/kinto-mirror", "collection"}, "checkpoints") == nullptr);
  }
}

TEST_CASE("while it follows, changes are copied, and everything is compared where that is wished") {
  Driven site;
  site.make_engine({&site.to_replica});
  const auto audits = [&site] {
    return std::ranges::count_if(site.told.passes, [](const test::Told::Pass& pass) {
      return pass.report.kind == PassKind::audit;
    });
  };
  std::ptrdiff_t before = 0;
  CHECK(site.engine->standings().empty());
  site.follow({
      [&] {
        const auto standings = site.engine->standings();
        REQUIRE(standings.size() == 1);
        CHECK(site.told.rounds == std::vector<std::string>{"replica worked"});
        site.master.put("late", site.time.ms(), R"("n":4)");
      },
      [&] {
        CHECK(site.replica.bodies().contains("late"));
        before = audits();
        site.engine->audit({"*/*"});
      },
      [&] { CHECK(audits() == before + 1); },
  });
  CHECK(site.engine->standings().empty());
  CHECK_FALSE(site.engine->refusal());
}

TEST_CASE("replicas are followed side by side, whatever becomes of one") {
  Driven site;
  site.replica.fail("", Errc::unreachable, 1, test::always);
  site.make_engine();
  int naps = 0;
  site.time.on_sleep = [&] {
    const bool both = site.was("far worked") && site.was("replica failed");
    if (both || ++naps == 1000) site.stop.request();
  };
  CHECK(kinto::test::run(site.followed()));
  CHECK(site.was("far worked"));
  CHECK(site.was("replica failed"));
  CHECK_FALSE(site.was("replica worked"));
  CHECK_FALSE(site.was("far failed"));
  CHECK(site.is_copied_to(site.far));
}

TEST_CASE("a replica that is the master itself ends it, and is told why") {
  Driven site;
  kinto::Server to_master(server_at("replica"), std::make_unique<Direct>(site.master), site.time,
                          site.stop);
  site.make_engine({&to_master, &site.to_far});
  CHECK(kinto::test::run(site.followed()));
  CHECK(site.stop.requested());
  REQUIRE(site.engine->refusal());
  CHECK(site.engine->refusal()->code == Errc::config);
  CHECK(site.engine->refusal()->message.find("same server") != std::string::npos);
}

}  // namespace kinto_mirror::sync
