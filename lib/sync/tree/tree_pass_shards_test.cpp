// Visits by daemons that share the work. Of three shards 0 has b/c, b/d and d/y, 1 has b/e, and 2
// has the buckets b and d, and d/x.
#include "sync/tree/test_visit.hpp"
#include "sync/tree/tree_pass.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace kinto_mirror::sync {

namespace {

using test::Profile;
using test::reason_of;
using test::Visiting;
using test::World;

struct Shared : Visiting {
  explicit Shared(Profile profile = Profile::memory) : Visiting(profile, profile) {
    options.groups = Groups::follow;
    for (const char* id : {"b", "d", "d/x"}) REQUIRE(shard_of(id, 3) == 2);
    for (const char* id : {"b/c", "b/d", "d/y"}) REQUIRE(shard_of(id, 3) == 0);
    REQUIRE(shard_of("b/e", 3) == 1);
  }

  std::string visit_as(std::uint32_t index) {
    options.shard = Shard{index, 3};
    return visit();
  }
  ContainersReport visited_as(std::uint32_t index) {
    options.shard = Shard{index, 3};
    return visited();
  }
};

// The bucket d with the collections x and y on the replica, and its tombstone on the master.
struct BucketDeleted : Shared {
  BucketDeleted() {
    test::show_all_buckets(master);
    for (test::Site* const site : {&master, &replica}) {
      site->admin("PUT", "/buckets/d", R"({"permissions":)" + test::rights() + "}");
      put(*site, "d/groups/g", 40);
      put(*site, "d/collections/x", 50);
      put(*site, "d/collections/y", 51);
    }
    time.pass(Millis{1000});
    master.admin("DELETE", "/buckets/d");
  }
};

}  // namespace

TEST_CASE("each shard compares its own, and all together everything once") {
  Shared world;
  for (test::Site* const site : {&world.master, &world.replica}) {
    World::put(*site, "b/collections/e", 60);
    World::put(*site, "b/groups/g", 61);
  }
  CHECK(world.visit_as(0) == "in-sync =1 +0 ~0 -0");
  CHECK(world.visit_as(1) == "in-sync =1 +0 ~0 -0");
  CHECK(world.visit_as(2) == "in-sync =2 +0 ~0 -0");
}

TEST_CASE("what only the replica has is told by its own shard alone") {
  Shared world;
  World::put(world.replica, "b/collections/e", 60);
  World::put(world.replica, "b/groups/own", 61);
  world.replica.admin("PUT", "/buckets/a", R"({"permissions":)" + test::rights() + "}");
  REQUIRE(shard_of("a", 3) == 0);
  CHECK(world.visit_as(0) == "in-sync =1 +0 ~0 -0; a extra");
  CHECK(world.visit_as(1) == "in-sync =0 +0 ~0 -0; b/collections/e extra");
  CHECK(world.visit_as(2) == "in-sync =1 +0 ~0 -0; b/groups/own extra");
}

TEST_CASE("a bucket of another shard is made where what is in it needs it, and left alone else") {
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    Shared world(profile);
    world.replica.admin("DELETE", "/buckets/b");
    world.time.pass(Millis{1000});
    world.master.admin("PUT", "/buckets/b", R"({"data":{"n":1}})");
    CHECK(world.visit_as(1) == "in-sync =0 +0 ~0 -0");
    CHECK_FALSE(World::has(world.replica, "b"));
    CHECK(world.visit_as(0) == "in-sync =0 +2 ~0 -0");
    CHECK(World::holds(world.replica, "b") == World::holds(world.master, "b"));
    CHECK(World::has(world.replica, "b/collections/c"));
    world.time.pass(Millis{1000});
    world.master.admin("PUT", "/buckets/b", R"({"data":{"n":2}})");
    CHECK(world.visit_as(0) == "in-sync =1 +0 ~0 -0");
    CHECK(World::holds(world.replica, "b") != World::holds(world.master, "b"));
    CHECK(world.visit_as(2).find("~1") != std::string::npos);
    CHECK(World::holds(world.replica, "b") == World::holds(world.master, "b"));
  }
}

TEST_CASE("rights to a bucket wait for the first load of what other shards have in it") {
  for (const bool in_file : {false, true}) {
    Shared world;
    if (in_file) world.options.checkpoint_file = "checkpoints.json";
    world.options.permissions = Permissions::read;
    world.master.put("r", 10, R"("n":1)", test::the_collection);
    world.master.admin("PUT", "/buckets/b", R"({"permissions":)" + test::rights(R"("x")") + "}");
    const ContainersReport early = world.visited_as(2);
    CHECK(test::said(early) == "different =0 +0 ~0 -0; b permissions");
    CHECK(reason_of(early, "b").find("granted when b/c is loaded") != std::string::npos);
    CHECK(World::grants(world.replica, "b").find('x') == std::string::npos);
    // Another shard has loaded it, and tells so by its checkpoint, or by what is there.
    world.replica.put("r", 10, R"("n":1)", test::the_collection);
    if (!in_file) {
      CHECK(world.visit_as(2) == "different =0 +0 ~0 -0; b permissions");
      world.store.has(test::the_collection);
    }
    CHECK(world.visit_as(2) == "in-sync =0 +0 ~1 -0");
    CHECK(World::grants(world.replica, "b").find('x') != std::string::npos);
  }
}

TEST_CASE("rights to a bucket wait for what another shard is making anew") {
  Shared world;
  world.options.permissions = Permissions::read;
  world.master.admin("PUT", "/buckets/b", R"({"permissions":)" + test::rights(R"("x")") + "}");
  world.store.has(test::the_collection);
  world.replica.remove();
  // It is told before the collection is there, so that nobody can take it for loaded.
  bool told = false;
  world.replica.meanwhile("PUT /v1/buckets/b/collections/c",
                          [&] { told = world.store.all.at(test::the_collection).withdrawn; });
  world.loaded.clear();
  CHECK(world.visit_as(0) == "in-sync =0 +1 ~0 -0");
  CHECK(told);
  CHECK(world.visit_as(2) == "different =0 +0 ~0 -0; b permissions");
  CHECK(World::grants(world.replica, "b").find('x') == std::string::npos);
  // Its comparison is over, and the next checkpoint stored.
  world.store.has(test::the_collection);
  world.store.all.at(test::the_collection).withdrawn = false;
  CHECK(world.visit_as(2) == "in-sync =0 +0 ~1 -0");
  CHECK(World::grants(world.replica, "b").find('x') != std::string::npos);
}

TEST_CASE("what a file tells of another shard's collection may be long ago: its count tells") {
  Shared world;
  world.options.checkpoint_file = "checkpoints.json";
  world.options.permissions = Permissions::read;
  world.store.has(test::the_collection);
  world.master.put("r", 10, R"("n":1)", test::the_collection);
  world.master.admin("PUT", "/buckets/b", R"({"permissions":)" + test::rights(R"("x")") + "}");
  CHECK(world.visit_as(2) == "different =0 +0 ~0 -0; b permissions");
  world.replica.put("r", 10, R"("n":1)", test::the_collection);
  CHECK(world.visit_as(2) == "in-sync =0 +0 ~1 -0");
}

TEST_CASE("a deleted bucket goes by its own shard, when the others have taken theirs out of it") {
  BucketDeleted world;
  CHECK(world.visit_as(1) == "in-sync =0 +0 ~0 -0");
  const ContainersReport first = world.visited_as(2);
  CHECK(test::said(first) == "different =1 +0 ~0 -2; d undeleted");
  CHECK(reason_of(first, "d").find("d/collections/y in it, which is another shard's") !=
        std::string::npos);
  CHECK_FALSE(World::has(world.replica, "d/collections/x"));
  CHECK(World::has(world.replica, "d/collections/y"));
  CHECK(world.visit_as(0) == "in-sync =1 +0 ~0 -1");
  CHECK(World::has(world.replica, "d"));
  CHECK(world.visit_as(2) == "in-sync =1 +0 ~0 -1");
  CHECK_FALSE(World::has(world.replica, "d"));
}

TEST_CASE("a deleted bucket whose collections were named goes too, though none is its shard's") {
  BucketDeleted world;
  world.options.collections = {"d/y", "d/x", "b/*"};
  CHECK(world.visit_as(0) == "in-sync =1 +0 ~0 -1");
  CHECK(world.visit_as(2) == "in-sync =1 +0 ~0 -3");
  CHECK_FALSE(World::has(world.replica, "d"));
}

}  // namespace kinto_mirror::sync
