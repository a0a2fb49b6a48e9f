#include "sync/run/engine.hpp"

#include "sync/test_hosts.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::Host;
using test::Hosts;

const CollectionId collection("b", "c");
const std::string kept = "/buckets/kinto-mirror/collections/checkpoints/records";

// An engine with a second replica.
struct Driven : Hosts {
  Driven() { master.make(collection, 3); }

  void make_engine(std::vector<kinto::Server*> replicas) {
    engine.emplace(options, master.server, std::move(replicas), clock, stop, told);
  }
  void make_engine() { make_engine({&replica.server, &far.server}); }

  RunReport once() { return kinto::test::run(engine->once()); }

  // At each nap it does what comes next, and at the last one it is stopped.
  void follow(std::vector<std::function<void()>> at_naps) {
    std::size_t naps = 0;
    clock.on_sleep = [&, this] {
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

  Host far{"far", clock, stop};
  std::optional<Engine> engine;
};

Host::Front cut_off() {
  return [](const http::Request&) -> Host::Answered { return Error(Errc::unreachable, "cut off"); };
}

}  // namespace

TEST_CASE("one run brings every replica up to date, and reports in the order given") {
  Driven site;
  site.make_engine();
  const RunReport report = site.once();
  REQUIRE(report.replicas.size() == 2);
  CHECK(report.in_sync());
  CHECK(report.replicas[0].name == "replica");
  CHECK(report.replicas[1].name == "far");
  for (Host* host : {&site.replica, &site.far}) {
    CHECK(host->records(collection) == site.master.records(collection));
    CHECK(host->send("GET", kept).find("last_modified") != std::string::npos);
  }
}

TEST_CASE("a replica that cannot be reached keeps no other from being copied to") {
  Driven site;
  site.replica.front = cut_off();
  site.make_engine();
  const RunReport report = site.once();
  REQUIRE(report.replicas[0].error);
  CHECK(report.replicas[0].error->code == Errc::unreachable);
  CHECK_FALSE(report.replicas[1].error);
  CHECK(site.far.records(collection) == site.master.records(collection));
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
  for (Host* host : {&site.replica, &site.far}) {
    CHECK(text.find(host->server.config().url) != std::string::npos);
    const model::Store& store = host->kinto.store();
    CHECK(store.live({"/buckets/kinto-mirror", "collection"}, "checkpoints") == nullptr);
  }
}

TEST_CASE("while it follows, changes are copied, and everything is compared where that is wished") {
  Driven site;
  site.make_engine({&site.replica.server});
  const auto audits = [&site] {
    return std::ranges::count_if(site.told.passes, [](const CollectionReport& pass) {
      return pass.kind == PassKind::audit;
    });
  };
  std::ptrdiff_t before = 0;
  CHECK(site.engine->standings().empty());
  site.follow({
      [&] {
        const auto standings = site.engine->standings();
        REQUIRE(standings.size() == 1);
        CHECK(site.told.worked == std::vector<std::string>{"replica"});
        site.master.send("PUT", kinto::record_path(collection, "late"), R"({"data":{}})");
      },
      [&] {
        CHECK(site.replica.records(collection).find("late") != std::string::npos);
        before = audits();
        site.engine->audit_all();
      },
      [&] { CHECK(audits() == before + 1); },
  });
  CHECK(site.engine->standings().empty());
  CHECK_FALSE(site.engine->refusal());
}

TEST_CASE("replicas are followed side by side, whatever becomes of one") {
  Driven site;
  site.replica.front = cut_off();
  site.make_engine();
  int naps = 0;
  site.clock.on_sleep = [&] {
    const bool both = !site.told.worked.empty() && !site.told.failed.empty();
    if (both || ++naps == 1000) site.stop.request();
  };
  CHECK(kinto::test::run(site.followed()));
  CHECK(site.told.worked == std::vector<std::string>{"far"});
  CHECK(site.told.failed.front() == "replica");
  CHECK(site.far.records(collection) == site.master.records(collection));
}

TEST_CASE("a replica that is the master itself ends it, and is told why") {
  Driven site;
  site.replica.front = [&site](const http::Request& request) -> Host::Answered {
    return site.master.kinto.answer(request);
  };
  site.make_engine();
  CHECK(kinto::test::run(site.followed()));
  CHECK(site.stop.requested());
  REQUIRE(site.engine->refusal());
  CHECK(site.engine->refusal()->code == Errc::config);
  CHECK(site.engine->refusal()->message.find("same server") != std::string::npos);
}

}  // namespace kinto_mirror::sync
