// Visits to the containers of a replica, between two Kintos of the model: what is written, and what
// is told of it.
#include "sync/tree/tree_pass.hpp"

#include "sync/tree/test_visit.hpp"

#include <doctest/doctest.h>

#include <string>

namespace kinto_mirror::sync {

namespace {

using test::always;
using test::Profile;
using test::reason_of;
using test::Visiting;
using test::World;

// The replica has nothing of what the master has: the bucket n with a group and two collections.
struct Fresh : Visiting {
  explicit Fresh(Profile profile = Profile::memory) : Visiting(profile, profile) {
    options.collections = {"n/*"};
    options.groups = Groups::follow;
    master.admin("PUT", "/buckets/n",
                 R"({"data":{"of":"n"},"permissions":)" + test::rights() + "}");
    put(master, "n/groups/g", 40, R"("members":["account:ann"])");
    put(master, "n/collections/x", 50, R"("n":1)");
    put(master, "n/collections/y", 60);
    loaded = {CollectionId("n", "x"), CollectionId("n", "y")};
  }
};

}  // namespace

TEST_CASE("what is missing is made at the master's stamps, and then there is nothing to do") {
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    Fresh world(profile);
    CHECK(world.visit() == "in-sync =0 +4 ~0 -0");
    for (const char* name : {"n", "n/groups/g", "n/collections/x", "n/collections/y"}) {
      CAPTURE(name);
      CHECK(World::holds(world.replica, name) == World::holds(world.master, name));
    }
    CHECK(world.traits.created ==
          std::set<CollectionId>{CollectionId("n", "x"), CollectionId("n", "y")});
    const std::string before = world.replica.everything();
    CHECK(world.visit() == "in-sync =4 +0 ~0 -0");
    CHECK(world.writes() == 0);
    CHECK(world.replica.everything() == before);
  }
}

TEST_CASE("what a dry run finds is what a run writes, and it writes nothing") {
  Fresh world;
  World::put(world.replica, "b/collections/c", 2);
  world.options.collections = {"*/*"};
  World::put(world.master, "b/collections/c", 3, R"("n":1)");
  World::put(world.master, "b/groups/gone", 3);
  World::put(world.replica, "b/groups/gone", 3);
  World::erase(world.master, "b/groups/gone", 4);
  world.options.dry_run = true;
  world.loaded.clear();
  const std::string before = world.replica.everything();
  CHECK(world.visit() ==
        "different =1 +0 ~0 -0; b/collections/c data; b/groups/gone undeleted; n missing; "
        "n/collections/x missing; n/collections/y missing; n/groups/g missing");
  CHECK(world.writes() == 0);
  CHECK(world.replica.everything() == before);
  world.options.dry_run = false;
  CHECK(world.visit() == "in-sync =1 +4 ~1 -1");
}

TEST_CASE("metadata and groups follow the master's, a container that drifted ahead too") {
  Visiting world;
  world.options.groups = Groups::follow;
  World::put(world.master, "b/groups/g", 40, R"("members":["a"])");
  World::put(world.replica, "b/groups/g", 30, R"("members":["a","b"])");
  World::put(world.master, "b/collections/c", 50, R"("n":2)");
  World::put(world.replica, "b/collections/c", 70, R"("n":1)");
  CHECK(world.visit() == "in-sync =1 +0 ~2 -0");
  CHECK(World::holds(world.replica, "b/groups/g") == R"(40 {"members":["a"]})");
  // Its stamp cannot be lowered, and is no difference (hazard 52).
  const std::string then = World::holds(world.replica, "b/collections/c");
  CHECK(then.ends_with(R"( {"n":2})"));
  CHECK(world.visit() == "in-sync =3 +0 ~0 -0");
  CHECK(World::holds(world.replica, "b/collections/c") == then);
}

TEST_CASE("a stamp that can be lifted is, and one that is refused is no difference") {
  Visiting world;
  World::put(world.master, "b/collections/c", 50);
  world.replica.refuse("PUT /v1/buckets/b/collections/c", 400, 107);
  CHECK(world.visit() == "in-sync =2 +0 ~0 -0");
  CHECK(World::holds(world.replica, "b/collections/c") == "1 {}");
  CHECK(world.visit() == "in-sync =1 +0 ~1 -0");
  CHECK(World::holds(world.replica, "b/collections/c") == "50 {}");
}

TEST_CASE("what somebody else writes meanwhile is looked at again, and written then") {
  Visiting world;
  World::put(world.master, "b/collections/c", 50, R"("n":2)");
  world.replica.meanwhile("PUT /v1/buckets/b/collections/c", [&world] {
    World::put(world.replica, "b/collections/c", 20, R"("n":9)");
  });
  CHECK(world.visit() == "in-sync =1 +0 ~1 -0");
  CHECK(World::holds(world.replica, "b/collections/c") == R"(50 {"n":2})");
}

TEST_CASE("another daemon that was faster leaves nothing to do (hazard 42)") {
  Visiting world;
  World::put(world.master, "b/collections/d", 50, R"("n":2)");
  world.replica.meanwhile("PUT /v1/buckets/b/collections/d", [&world] {
    World::put(world.replica, "b/collections/d", 50, R"("n":2)");
  });
  CHECK(world.visit() == "in-sync =3 +0 ~0 -0");
}

TEST_CASE("somebody who writes on and on is not raced for ever") {
  Visiting world;
  World::put(world.master, "b/collections/c", 50, R"("n":2)");
  std::int64_t ms = 2;
  world.replica.on(
      "PUT /v1/buckets/b/collections/c",
      [&world, &ms]() -> test::Site::Answer {
        World::put(world.replica, "b/collections/c", ++ms, R"("n":9)");
        return std::nullopt;
      },
      1, always);
  CHECK(world.visit() == "different =1 +0 ~0 -0; b/collections/c data");
  CHECK(world.replica.asked("PUT /v1/buckets/b/collections/c") == 8);  // four times, twice
}

TEST_CASE("what is ahead is written over only where the master still says the same") {
  Visiting world;
  World::put(world.master, "b/collections/c", 50, R"("n":2)");
  World::put(world.replica, "b/collections/c", 60, R"("n":3)");
  // The other daemon has brought what the master wrote since it was read here.
  world.master.meanwhile(R"({"method":"GET","path":"/buckets/b/collections/c"})",
                         [&world] { World::put(world.master, "b/collections/c", 60, R"("n":3)"); });
  CHECK(world.visit() == "in-sync =2 +0 ~0 -0");
  CHECK(world.writes() == 0);
  CHECK(World::holds(world.replica, "b/collections/c") == R"(60 {"n":3})");
}

TEST_CASE("a container that is refused is told, and the others go on") {
  Fresh world;
  world.replica.reject("x", 400);
  world.loaded.erase(CollectionId("n", "x"));
  const ContainersReport report = world.visited();
  CHECK(test::said(report) == "degraded =0 +3 ~0 -0; n/collections/x quarantined");
  CHECK(reason_of(report, "n/collections/x") == "refused: 400 refused");
  CHECK(world.replica.asked("PUT /v1/buckets/n/collections/x") <= 1);  // once a visit
}

TEST_CASE("who may not write is told which right it takes") {
  Visiting world;
  world.replica.allow("read");
  World::put(world.replica, "b/collections/c", 2, "", R"({"read":[],"write":["somebody"]})");
  World::put(world.master, "b/collections/c", 50, R"("n":2)");
  const ContainersReport report = world.visited();
  CHECK(test::said(report) == "failed =1 +0 ~0 -0; b/collections/c data");
  REQUIRE(report.error);
  CHECK(report.error->code == Errc::forbidden);
  CHECK(report.error->message.find("b/collections/c: 403") != std::string::npos);
  CHECK(report.error->message.find("needs the right to write it") != std::string::npos);
}

TEST_CASE("only the buckets that are meant are visited") {
  Fresh world;
  world.options.collections = {"*/*"};
  World::put(world.master, "b/collections/c", 50, R"("n":2)");
  world.only = {"b"};
  CHECK(world.visit() == "in-sync =1 +0 ~1 -0");
  CHECK_FALSE(World::has(world.replica, "n"));
  CHECK(world.replica.asked("/buckets/n") == 0);
  CHECK(test::said(world.of_b) == "in-sync =1 +0 ~1 -0");
  REQUIRE(world.stamps.first);
  CHECK(world.stamps.first->ms - test::epoch == std::stoll(World::holds(world.master, "b")));
  CHECK(world.stamps.second.has_value());
}

TEST_CASE("a server that fails ends the visit, and a bucket that fails is told") {
  Visiting world;
  world.to_replica.set_patience(Millis{0});
  world.replica.fail("GET /v1/buckets/b/collections?", Errc::unreachable);
  CHECK(world.try_visit().error().code == Errc::unreachable);
  World::put(world.master, "b/collections/d", 50);
  test::hide_rows(world.replica, "/buckets/b/collections");
  const ContainersReport report = world.visited();
  CHECK(test::said(report) == "failed =0 +0 ~0 -0");
  CHECK(report.error->code == Errc::unproven);
  CHECK(world.writes() == 0);
}

}  // namespace kinto_mirror::sync
