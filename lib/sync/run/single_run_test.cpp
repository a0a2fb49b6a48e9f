#include "sync/run/single_run.hpp"

#include "sync/test_hosts.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::Hosts;

const CollectionId a("a", "x");
const CollectionId b("b", "x");

Task<ReplicaReport> run_in(const PassContext& context) {
  const auto checkpoints = checkpoints_on_replica(context.replica, context.master.config().url);
  SingleRun run(context, *checkpoints);
  co_return co_await run.run();
}

ReplicaReport run(Hosts& site) {
  return site.run<ReplicaReport>([](const PassContext& context) { return run_in(context); });
}

Result<kinto::Hello> greeted(Hosts& site) {
  return site.run<Result<kinto::Hello>>([](const PassContext& context) { return greet(context); });
}

bool names(const http::Request& request, const CollectionId& id) {
  const std::string path = kinto::collection_path(id);
  return (request.target + request.body).find(path) != std::string::npos;
}

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
  Hosts site;
  CHECK(greeted(site).has_value());
  site.replica.kinto.options().readonly = true;
  const auto refused = greeted(site);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == Errc::read_only);
  CHECK(refused.error().message.starts_with("replica http://replica.test/v1: is a read-only"));
  site.options.dry_run = true;
  CHECK(greeted(site).has_value());
  REQUIRE(site.told.notices.size() == 1);
  CHECK(site.told.notices[0].find("nothing can be copied to it") != std::string::npos);
  site.replica.kinto.options().readonly = false;
  site.master.kinto.options().readonly = true;
  CHECK(greeted(site).has_value());
}

TEST_CASE("all in scope is copied and remembered, and a second run finds it equal") {
  Hosts site;
  site.master.make(b, 3);
  site.master.make(a, 2);
  const ReplicaReport first = run(site);
  CHECK_FALSE(first.error);
  CHECK(first.name == "replica");
  REQUIRE(first.collections.size() == 2);
  CHECK(first.collections[0].id == a);
  CHECK(first.collections[0].written.created == 2);
  CHECK(first.collections[1].written.created == 3);
  CHECK(site.told.passes.size() == 2);
  for (const CollectionId& id : {a, b}) CHECK(site.replica.records(id) == site.master.records(id));
  const std::string kept =
      site.replica.send("GET", "/buckets/kinto-mirror/collections/checkpoints/records");
  CHECK(kept.find(R"("live":3)") != std::string::npos);
  const ReplicaReport second = run(site);
  for (const CollectionReport& report : second.collections) {
    CHECK(report.state == State::in_sync);
    CHECK(report.written.all() == 0);
  }
}

TEST_CASE("a check writes nothing, and tells what a run would stop at") {
  Hosts site;
  site.options.dry_run = true;
  site.options.extras = Extras::remove;
  site.master.make(a, 1);
  site.master.make(b, 4);
  site.replica.make(a, 21);
  const auto before = site.replica.records(a);
  const ReplicaReport report = run(site);
  REQUIRE(report.collections.size() == 2);
  CHECK(report.collections[0].found.extra == 20);
  REQUIRE(report.collections[0].brake);
  CHECK(report.collections[0].brake->would_delete == 20);
  CHECK(report.collections[0].brake->allowed == 10);
  CHECK(report.collections[1].found.missing == 4);
  CHECK(report.collections[1].state == State::different);
  CHECK_FALSE(report.collections[1].brake);
  CHECK(site.replica.records(a) == before);
  CHECK(site.replica.kinto.store().live({"", "bucket"}, "b") == nullptr);
  CHECK(site.replica.kinto.store().live({"", "bucket"}, "kinto-mirror") == nullptr);
  site.options.max_delete.value = 100;
  CHECK_FALSE(run(site).collections[0].brake);
}

TEST_CASE("in an exact mirror alone, a collection that only the replica has is a difference") {
  Hosts site;
  site.master.make(a, 1);
  site.replica.make(b, 2);
  CHECK(run(site).collections.size() == 1);
  site.options.extras = Extras::remove;
  const ReplicaReport report = run(site);
  REQUIRE(report.collections.size() == 2);
  CHECK(report.collections[1].id == b);
  CHECK(report.collections[1].state == State::not_shown);
  CHECK(report.collections[1].found.extra == 2);
  CHECK(site.replica.records(b).find("r1") != std::string::npos);
}

TEST_CASE("where the server is lost, the other collections are not asked for") {
  Hosts site;
  site.options.parallel = 1;
  site.master.make(a, 1);
  site.master.make(b, 1);
  int asked = 0;
  site.master.front = [&](const http::Request& request) -> test::Host::Answered {
    if (names(request, b) && !request.target.starts_with("/v1/buckets/b/collections?")) ++asked;
    if (names(request, a)) return Error(Errc::unreachable, "cut off");
    return std::nullopt;
  };
  const ReplicaReport report = run(site);
  REQUIRE(report.collections.size() == 2);
  for (const CollectionReport& one : report.collections) {
    REQUIRE(one.error);
    CHECK(one.error->code == Errc::unreachable);
  }
  CHECK(asked == 0);
}

TEST_CASE("a pass of a run that failed is repeated for a while, and one of a check is not") {
  for (const bool dry : {false, true}) {
    CAPTURE(dry);
    Hosts site;
    site.options.dry_run = dry;
    site.master.make(a, 3);
    // Longer than a request is tried again.
    const Instant works_from = site.clock.now() + Millis{12'000};
    site.master.front = [&](const http::Request& request) -> test::Host::Answered {
      if (!names(request, a) || site.clock.now() >= works_from) return std::nullopt;
      return test::refusal(500, R"({"errno":999})");
    };
    const ReplicaReport report = run(site);
    REQUIRE(report.collections.size() == 1);
    CHECK(report.collections[0].error.has_value() == dry);
    CHECK((report.collections[0].written.created == 3) == !dry);
  }
}

TEST_CASE("that a master was flushed is told, once") {
  Hosts site;
  site.master.make(a, 3);
  run(site);
  CHECK(site.told.notices.empty());
  site.wait(Millis{60'000});
  site.master.kinto.restart();
  site.master.make(a);
  run(site);
  REQUIRE(site.told.notices.size() == 1);
  CHECK(site.told.notices[0].starts_with("a/x: "));
}

}  // namespace kinto_mirror::sync
