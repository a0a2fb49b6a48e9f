#include "sync/run/single_run.hpp"

#include "sync/run/test_passes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::Passes;
using test::Site;

const CollectionId a("a", "x");
const CollectionId b("b", "x");

// Both sides are empty to begin with.
struct Once : Passes {
  Once() {
    for (Site* const site : {&master, &replica}) site->admin("DELETE", "/buckets/b");
  }

  // With its bucket, and this many records.
  static void make(Site& site, const CollectionId& id, int records = 0) {
    site.provide(id);
    site.allow("write", id.bucket);
    site.fill(records, 500'000, id);
  }

  Result<Shown> greeted() {
    return run<Result<Shown>>([](const PassContext& context) { return greet(context); });
  }

  [[nodiscard]] bool equal(const CollectionId& id) const {
    return replica.bodies(id) == master.bodies(id);
  }
};

}  // namespace

TEST_CASE("some failures are a server's, and others those of one collection") {
  for (const Errc code : {Errc::unreachable, Errc::untrusted, Errc::failing, Errc::overloaded,
                          Errc::credentials, Errc::not_kinto, Errc::read_only, Errc::stopped}) {
    CAPTURE(static_cast<int>(code));
    CHECK(concerns_server(code));
  }
  for (const Errc code : {Errc::forbidden, Errc::not_found, Errc::rejected, Errc::turned_away,
                          Errc::unproven, Errc::held_up, Errc::too_large}) {
    CAPTURE(static_cast<int>(code));
    CHECK_FALSE(concerns_server(code));
  }
}

TEST_CASE("what is stored while the brake holds tells of the time before the master was lost") {
  const auto at = [](std::int64_t cursor) {
    Checkpoint out;
    out.cursor = Stamp{cursor};
    return out;
  };
  BrakeReport held;
  BrakeReport lost;
  lost.master_lost = true;
  struct Case {
    std::optional<BrakeReport> brake;
    std::optional<Checkpoint> before;
    std::int64_t cursor;
  };
  const std::vector<Case> cases{
      {std::nullopt, at(1), 2}, {std::nullopt, std::nullopt, 2},
      {held, at(1), 2},         {held, std::nullopt, 2},
      {lost, at(1), 1},         {lost, std::nullopt, 2},
  };
  for (const Case& c : cases) {
    const Checkpoint stored = to_store(c.brake, at(2), c.before);
    CHECK(stored.cursor == Stamp{c.cursor});
    CHECK(stored.braked == c.brake.has_value());
  }
}

TEST_CASE("a replica that is read-only ends a run, and is told of a check") {
  Once site;
  CHECK(site.greeted().has_value());
  site.replica.kinto.options().readonly = true;
  const auto refused = site.greeted();
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == Errc::read_only);
  CHECK(refused.error().message.starts_with("replica http://replica.test/v1: is a read-only"));
  site.options.dry_run = true;
  CHECK(site.greeted().has_value());
  REQUIRE(site.told.notices.size() == 1);
  CHECK(site.told.notices[0].find("nothing can be copied to it") != std::string::npos);
  site.replica.kinto.options().readonly = false;
  site.master.kinto.options().readonly = true;
  CHECK(site.greeted().has_value());
}

TEST_CASE("what comes on the master behind the list of what there is belongs to the run") {
  Once site;
  Once::make(site.master, a, 2);
  const CollectionId late("a", "late");
  site.master.meanwhile("/buckets/a/collections?_sort=last_modified", [&site, &late] {
    site.master.provide(late);
    site.master.fill(3, 500'000, late);
  });
  const ReplicaReport report = site.run_once();
  CHECK_FALSE(report.error);
  REQUIRE(report.collections.size() == 2);
  CHECK(report.collections[0].id == late);
  CHECK(report.collections[0].written.created == 3);
  CHECK(site.equal(late));
}

TEST_CASE("all in scope is copied and remembered, and a second run finds it equal") {
  Once site;
  Once::make(site.master, b, 3);
  Once::make(site.master, a, 2);
  const ReplicaReport first = site.run_once();
  CHECK_FALSE(first.error);
  CHECK(first.name == "replica");
  REQUIRE(first.collections.size() == 2);
  CHECK(first.collections[0].id == a);
  CHECK(first.collections[0].written.created == 2);
  CHECK(first.collections[1].written.created == 3);
  CHECK(site.told.passes.size() == 2);
  for (const CollectionId& id : {a, b}) CHECK(site.equal(id));
  CHECK(site.replica.everything().find(R"("live":3)") != std::string::npos);
  const ReplicaReport second = site.run_once();
  for (const CollectionReport& report : second.collections) {
    CHECK(report.state == State::in_sync);
    CHECK(report.written.all() == 0);
  }
}

TEST_CASE("a check writes nothing, and tells what a run would stop at") {
  Once site;
  site.options.dry_run = true;
  site.options.extras = Extras::remove;
  Once::make(site.master, a, 1);
  Once::make(site.master, b, 4);
  Once::make(site.replica, a, 21);
  const std::string before = site.replica.everything();
  const ReplicaReport report = site.run_once();
  REQUIRE(report.collections.size() == 2);
  CHECK(report.collections[0].found.extra == 20);
  REQUIRE(report.collections[0].brake);
  CHECK(report.collections[0].brake->would_delete == 20);
  CHECK(report.collections[0].brake->allowed == 10);
  CHECK(report.collections[1].found.missing == 4);
  CHECK(report.collections[1].state == State::different);
  CHECK_FALSE(report.collections[1].brake);
  CHECK(site.replica.everything() == before);
  site.options.max_delete.value = 100;
  CHECK_FALSE(site.run_once().collections[0].brake);
}

TEST_CASE("in an exact mirror alone, a collection that only the replica has is a difference") {
  Once site;
  Once::make(site.master, a, 1);
  Once::make(site.replica, b, 2);
  CHECK(site.run_once().collections.size() == 1);
  site.options.extras = Extras::remove;
  const ReplicaReport report = site.run_once();
  REQUIRE(report.collections.size() == 2);
  CHECK(report.collections[1].id == b);
  CHECK(report.collections[1].state == State::not_shown);
  CHECK(report.collections[1].found.extra == 2);
  CHECK(site.replica.bodies(b).size() == 2);
}

TEST_CASE("where the server is lost, the other collections are not asked for") {
  Once site;
  site.options.parallel = 1;
  Once::make(site.master, a, 110);
  Once::make(site.master, b, 120);
  site.master.fail(kinto::collection_path(a), Errc::unreachable, 2, test::always);
  const ReplicaReport report = site.run_once();
  REQUIRE(report.collections.size() == 2);
  for (const CollectionReport& one : report.collections) {
    REQUIRE(one.error);
    CHECK(one.error->code == Errc::unreachable);
  }
  CHECK(site.master.asked(kinto::collection_path(a)) > 1);
  CHECK(site.master.asked(kinto::collection_path(b)) == 1);  // both are counted at first
}

TEST_CASE("the smallest collections come first") {
  Once site;
  site.options.parallel = 1;
  Once::make(site.master, a, 120);
  Once::make(site.master, b, 110);
  const ReplicaReport report = site.run_once();
  REQUIRE(report.collections.size() == 2);
  const auto first_of = [&site](const CollectionId& id) {
    return std::ranges::find_if(site.master.seen, [&id](const std::string& line) {
      return line.starts_with("GET /v1" + kinto::records_path(id));
    });
  };
  CHECK(first_of(b) < first_of(a));
}

TEST_CASE("a pass of a run that failed is repeated for a while, and one of a check is not") {
  for (const bool dry : {false, true}) {
    CAPTURE(dry);
    Once site;
    site.options.dry_run = dry;
    Once::make(site.master, a, 3);
    // Longer than a request is tried again.
    const Instant works_from = site.time.now() + Millis{12'000};
    site.master.on(
        kinto::collection_path(a),
        [&site, works_from]() -> Site::Answer {
          if (site.time.now() >= works_from) return std::nullopt;
          return http::Response{500, {}, R"({"errno":999})"};
        },
        1, test::always);
    const ReplicaReport report = site.run_once();
    REQUIRE(report.collections.size() == 1);
    CHECK(report.collections[0].error.has_value() == dry);
    CHECK((report.collections[0].written.created == 3) == !dry);
  }
}

TEST_CASE("that a master was flushed is told, once") {
  Once site;
  Once::make(site.master, a, 3);
  site.run_once();
  CHECK(site.told.notices.empty());
  site.time.pass(Millis{60'000});
  site.master.kinto.restart();
  Once::make(site.master, a);
  site.run_once();
  REQUIRE(site.told.notices.size() == 1);
  CHECK(site.told.notices[0].starts_with("a/x: "));
}

TEST_CASE("runs of all shards copy everything between them, each collection once") {
  Once site;
  const CollectionId c("b", "c");
  const CollectionId d("b", "d");
  const std::vector<CollectionId> all{a, c, d, b};  // in order
  for (const CollectionId& id : all) Once::make(site.master, id, 3);
  std::vector<CollectionId> visited;
  for (const std::uint32_t index : {2U, 1U, 0U}) {
    site.options.shard = Shard{index, 3};
    RunReport run;
    run.replicas.push_back(site.run_once());
    CHECK(run.in_sync());
    for (const CollectionReport& one : run.replicas[0].collections) {
      CHECK(one.written.created == 3);
      visited.push_back(one.id);
    }
    CHECK(run.replicas[0].elsewhere + std::ssize(run.replicas[0].collections) == 4);
    CHECK(run.replicas[0].collections.empty() == (index == 2));
  }
  std::ranges::sort(visited);
  CHECK(visited == all);
  for (const CollectionId& id : all) CHECK(site.equal(id));
}

}  // namespace kinto_mirror::sync
