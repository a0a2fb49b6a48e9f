// Which buckets are compared in a round, and what is told of all.
#include "sync/run/tree_keeper.hpp"

#include "sync/run/test_keeping.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::Keeping;
using test::rights;
using test::Site;
using test::World;
using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("counts are wanted of the buckets, and of what is in those that are known") {
  for (const Groups groups : {Groups::keep, Groups::follow}) {
    Options options = test::without_marks();
    options.groups = groups;
    Keeping world(options);
    CHECK(world.keeper.endpoints() == Names{"/buckets"});
    (void)world.round();
    CHECK(world.keeper.endpoints() ==
          (groups == Groups::keep
               ? Names{"/buckets", "/buckets/a/collections", "/buckets/b/collections"}
               : Names{"/buckets", "/buckets/a/collections", "/buckets/a/groups",
                       "/buckets/b/collections", "/buckets/b/groups"}));
  }
}

TEST_CASE("all is compared at first, and then nothing is asked for but counts") {
  Keeping world;
  CHECK(world.round() == "in-sync =4 +0 ~0 -0");
  CHECK(world.listed);
  world.settle();
  for (int rounds = 0; rounds < 3; ++rounds) {
    world.time.pass(world.options.interval);
    CHECK(world.round() == "");
    CHECK_FALSE(world.listed);
    for (const Site* const site : {&world.master, &world.replica}) {
      CHECK(site->seen.size() == 1);
      CHECK(site->asked(test::counting) == 1);
    }
  }
}

TEST_CASE("a change of one bucket, on either side, has that one compared and put right") {
  struct Case {
    std::string what;
    bool on_master;
    std::string name;
    std::string told;
  };
  for (const Case& c : {
           Case{"a collection's metadata", true, "b/collections/c", "in-sync =3 +0 ~1 -0"},
           Case{"a group", true, "b/groups/g", "in-sync =4 +1 ~0 -0"},
           Case{"a collection that drifted", false, "b/collections/c", "in-sync =3 +0 ~1 -0"},
           Case{"a group of the replica's own", false, "b/groups/g",
                "in-sync =4 +0 ~0 -0; b/groups/g extra"},
       }) {
    CAPTURE(c.what);
    Options options = test::without_marks();
    options.groups = Groups::follow;
    Keeping world(options);
    world.settle();
    world.time.pass(Millis{1000});
    World::put(c.on_master ? world.master : world.replica, c.name, world.time.ms());
    if (c.name == "b/collections/c") {
      World::put(c.on_master ? world.master : world.replica, c.name, world.time.ms() + 1,
                 R"("n":1)");
    }
    CHECK(world.round() == c.told);
    CHECK(world.compared("b"));
    CHECK_FALSE(world.compared("a"));
    // What the daemon itself wrote is compared once more, and found equal.
    world.settle();
    CHECK(world.round() == "");
  }
}

TEST_CASE("a change of a bucket itself has that one compared, and no other") {
  Keeping world;
  world.settle();
  world.time.pass(Millis{1000});
  world.master.admin("PUT", "/buckets/a", R"({"data":{"n":1}})");
  CHECK(world.round() == "in-sync =3 +0 ~1 -0");
  CHECK(World::holds(world.replica, "a") == World::holds(world.master, "a"));
  CHECK(world.replica.asked("GET /v1/buckets/a/collections?") > 0);
  CHECK(world.replica.asked("GET /v1/buckets/b/collections?") == 0);
}

TEST_CASE("a new bucket is found, and made") {
  Keeping world;
  world.settle();
  world.time.pass(Millis{1000});
  world.master.admin("PUT", "/buckets/n", R"({"permissions":)" + rights() + "}");
  World::put(world.master, "n/collections/x", world.time.ms());
  CHECK(world.round() == "in-sync =4 +2 ~0 -0");
  CHECK(world.listed);
  CHECK(World::has(world.replica, "n/collections/x"));
}

TEST_CASE("collections are listed anew where counts are missing, and where the list hid some") {
  Keeping world;
  world.settle();
  CHECK_FALSE(world.listed);
  const std::string count = R"({"method":"HEAD","path":"/buckets"})";
  world.master.on(count, [&world]() -> Site::Answer {
    http::Response batch;
    batch.status = 200;
    std::string parts;
    for (std::size_t i = 0; i < world.keeper.endpoints().size(); ++i) {
      parts += (i == 0 ? "" : ",") + std::string(R"({"status":403,"headers":{},"body":{}})");
    }
    batch.body = R"({"responses":[)" + parts + "]}";
    return Result<http::Response>(std::move(batch));
  });
  (void)world.round();
  CHECK(world.listed);
  world.settle();
  world.master.admin("PUT", "/buckets/secret",
                     R"({"permissions":{"group:create":["system.Authenticated"]}})");
  for (int rounds = 0; rounds < 4; ++rounds) {
    (void)world.round();
    CHECK(world.listed);
  }
}

TEST_CASE("what is asked for on demand is everything, whatever is counted") {
  Keeping world;
  world.settle();
  world.keeper.compare(Scope({"*/*"}));
  CHECK(world.round() == "in-sync =4 +0 ~0 -0");
  CHECK(world.compared("a"));
  CHECK(world.compared("b"));
}

TEST_CASE("what is told is the whole: of what was written, that of this round") {
  Keeping world;
  World::put(world.master, "a/collections/x", 50, R"("n":1)");
  World::put(world.replica, "a/collections/own", 51);
  CHECK(world.round() == "in-sync =3 +0 ~1 -0; a/collections/own extra");
  world.settle();
  World::put(world.master, "b/collections/c", 2'000'000, R"("n":2)");
  CHECK(world.round() == "in-sync =3 +0 ~1 -0; a/collections/own extra");
  World::put(world.replica, "b/collections/own", 2'000'001);
  CHECK(world.round() == "in-sync =4 +0 ~0 -0; a/collections/own extra; b/collections/own extra");
}

TEST_CASE("what the master deleted goes, and is remembered as deleted until it is back") {
  Keeping world;
  const CollectionId x("a", "x");
  world.settle();
  World::erase(world.master, "a/collections/x", 90);
  CHECK(world.round() == "in-sync =3 +0 ~0 -1");
  CHECK(world.keeper.gone() == std::vector<CollectionId>{x});
  CHECK(world.keeper.is_deleted(x));
  CHECK_FALSE(world.keeper.is_deleted(test::the_collection));
  world.settle();
  CHECK(world.keeper.gone().empty());
  CHECK(world.keeper.is_deleted(x));
  World::put(world.master, "a/collections/x", 95);
  CHECK(world.round() == "in-sync =3 +1 ~0 -0");
  CHECK_FALSE(world.keeper.is_deleted(x));
}

TEST_CASE("a bucket that is gone on both sides is looked after no more") {
  Keeping world;
  world.settle();
  for (Site* const site : {&world.master, &world.replica}) site->admin("DELETE", "/buckets/a");
  (void)world.round();
  world.settle();
  CHECK(world.keeper.endpoints() == Names{"/buckets", "/buckets/b/collections"});
  CHECK(world.round() == "");
}

TEST_CASE("a deleted bucket is looked after until what other shards have in it is gone") {
  Options options = test::without_marks();
  options.shard = Shard{2, 3};
  for (const char* id : {"b", "d", "d/x"}) REQUIRE(options.shard.owns(id));
  REQUIRE_FALSE(options.shard.owns("d/y"));
  Keeping world(options);
  test::show_all_buckets(world.master);
  for (Site* const site : {&world.master, &world.replica}) {
    site->admin("PUT", "/buckets/d", R"({"permissions":)" + rights() + "}");
    World::put(*site, "d/collections/x", 50);
    World::put(*site, "d/collections/y", 51);
  }
  world.settle();
  world.time.pass(Millis{1000});
  world.master.admin("DELETE", "/buckets/d");
  CHECK(world.round() == "different =1 +0 ~0 -1; d undeleted");
  CHECK(world.round() == "different =1 +0 ~0 -0; d undeleted");
  CHECK(world.round() == "");
  world.time.pass(Millis{1000});
  world.replica.admin("DELETE", "/buckets/d/collections/y");
  CHECK(world.round() == "in-sync =1 +0 ~0 -1");
  CHECK_FALSE(World::has(world.replica, "d"));
  world.settle();
  CHECK(world.keeper.endpoints() ==
        Names{"/buckets", "/buckets/a/collections", "/buckets/b/collections"});
}

TEST_CASE("a bucket that the master deleted while nobody followed is found, once") {
  for (const bool own : {false, true}) {
    Keeping world;
    test::show_all_buckets(world.master);
    for (Site* const site : {&world.master, &world.replica}) {
      site->admin("PUT", "/buckets/d", R"({"permissions":)" + rights() + "}");
      World::put(*site, "d/collections/x", 50);
    }
    world.time.pass(Millis{1000});
    world.master.admin("DELETE", "/buckets/d");
    world.time.pass(Millis{1000});
    // Made anew by somebody else, it is the replica's own.
    if (own) {
      World::put(world.replica, "d/collections/x", world.time.ms() - test::epoch);
      world.replica.admin("PUT", "/buckets/d", R"({"data":{"n":1}})");
    }
    CHECK(world.round() ==
          (own ? "in-sync =4 +0 ~0 -0; d extra; d/collections/x extra" : "in-sync =4 +0 ~0 -2"));
    CHECK(World::has(world.replica, "d") == own);
    world.settle();
    for (int rounds = 0; rounds < 3; ++rounds) CHECK(world.round() == "");
  }
}

TEST_CASE("groups are counted by the shard alone that has their bucket") {
  Options options = test::without_marks();
  options.groups = Groups::follow;
  options.shard = Shard{2, 3};
  REQUIRE(options.shard.owns("b"));
  REQUIRE_FALSE(options.shard.owns("a"));
  Keeping world(options);
  (void)world.round();
  CHECK(world.keeper.endpoints() ==
        Names{"/buckets", "/buckets/a/collections", "/buckets/b/collections", "/buckets/b/groups"});
}

}  // namespace kinto_mirror::sync
