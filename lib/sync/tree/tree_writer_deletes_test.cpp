// Collections that are emptied and containers that are deleted on a replica, a Kinto of the model.
#include "sync/tree/test_world.hpp"
#include "sync/tree/tree_writer.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace kinto_mirror::sync {

namespace {

using test::always;
using test::at;
using test::container;
using test::Profile;
using test::the_collection;
using test::World;
using What = ContainerOutcome::What;

Result<void> empty(World& world) {
  return kinto::test::run(empty_collection(world.to_replica, the_collection));
}

Result<ContainerOutcome> remove(World& world, const std::string& name, std::int64_t present,
                                std::int64_t gone) {
  ContainerId id = container(name);
  return kinto::test::run(delete_container(world.to_replica, std::move(id), at(present), at(gone)));
}

const std::string all_records = "DELETE /v1/buckets/b/collections/c/records";

}  // namespace

TEST_CASE("a collection is emptied however few records one deletion takes (hazard 24)") {
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    World world(profile, profile);
    world.replica.kinto.options().max_fetch_size = 5;
    world.replica.fill(12, 100);
    REQUIRE(empty(world).has_value());
    CHECK(world.replica.bodies().empty());
    CHECK(world.replica.asked(all_records) == 3);
    // Once more: what is not shown may be there.
    REQUIRE(empty(world).has_value());
    CHECK(world.replica.asked(all_records) == 4);
  }
}

TEST_CASE("a collection that cannot be emptied is an error, with the server's words") {
  struct Case {
    std::string what;
    int status;
    int number;  // 0: something in front says it
    Errc code;
  };
  for (const Case& c :
       {Case{"no right", 403, 121, Errc::forbidden}, Case{"refused", 400, 107, Errc::rejected},
        Case{"something in front minds it", 403, 0, Errc::turned_away},
        Case{"it breaks", 500, 999, Errc::failing}}) {
    CAPTURE(c.what);
    World world;
    world.to_replica.set_patience(Millis{0});
    world.replica.fill(2, 100);
    if (c.number != 0) world.replica.refuse(all_records, c.status, c.number, 1, always);
    if (c.number == 0) world.replica.block(all_records, c.status, 1, always);
    const auto emptied = empty(world);
    REQUIRE(emptied.has_error());
    CHECK(emptied.error().code == c.code);
    CHECK(emptied.error().message.find("/buckets/b/collections/c/records: ") != std::string::npos);
    CHECK(world.replica.bodies().size() == 2);
  }
}

TEST_CASE("somebody who writes on and on ends it") {
  World world;
  world.replica.fill(1, 100);
  http::Response nothing_done;
  nothing_done.status = 200;
  nothing_done.body = R"({"data":[]})";
  world.replica.on(
      all_records,
      [nothing_done]() -> test::Site::Answer { return Result<http::Response>(nothing_done); }, 1,
      always);
  const auto emptied = empty(world);
  REQUIRE(emptied.has_error());
  CHECK(emptied.error().code == Errc::held_up);
  CHECK(world.replica.asked(all_records) == 10'000);
}

TEST_CASE("a container goes under its guard, and its tombstone stands at the master's stamp") {
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    World world(profile, profile);
    World::put(world.replica, "b/groups/g", 5);
    World::put(world.replica, "b/collections/d", 50);
    CHECK(remove(world, "b/groups/g", 4, 90)->what == What::changed);
    CHECK(World::has(world.replica, "b/groups/g"));
    CHECK(remove(world, "b/groups/g", 5, 90)->what == What::done);
    CHECK(World::holds(world.replica, "b/groups/g").starts_with("90 "));
    CHECK_FALSE(World::has(world.replica, "b/groups/g"));
    CHECK(remove(world, "b/collections/d", 50, 91)->what == What::done);
    CHECK(World::holds(world.replica, "b/collections/d").starts_with("91 "));
    // What is gone is done.
    CHECK(remove(world, "b/groups/g", 5, 90)->what == What::done);
    CHECK(remove(world, "b/groups/none", 5, 90)->what == What::done);
  }
}

TEST_CASE("a tombstone's stamp that is taken gives way to the next free one") {
  World world;
  World::put(world.replica, "b/collections/d", 5);
  world.replica.refuse("DELETE ", 409, 122);  // as PostgreSQL does, for tombstones too
  CHECK(remove(world, "b/collections/d", 5, 90)->what == What::done);
  CHECK(World::holds(world.replica, "b/collections/d").starts_with("91 "));
  World full;
  full.replica.refuse("DELETE ", 409, 122, 1, always);
  CHECK(remove(full, "b/collections/c", 1, 90).error().code == Errc::conflict);
  CHECK(full.replica.asked("DELETE ") == 21);
}

TEST_CASE("a deletion that is refused is told in the server's words") {
  struct Case {
    int status;
    int number;
    What what;
  };
  for (const Case& c : {Case{403, 121, What::no_right}, Case{400, 107, What::refused},
                        Case{500, 999, What::refused}}) {
    CAPTURE(c.status);
    World world;
    world.to_replica.set_patience(Millis{0});
    world.replica.refuse("DELETE ", c.status, c.number, 1, always);
    const auto gone = remove(world, "b/collections/c", 1, 90);
    REQUIRE(gone.has_value());
    CHECK(gone->what == c.what);
    CHECK(gone->status == c.status);
    CHECK(gone->reason == "no");
    CHECK(World::has(world.replica, "b/collections/c"));
  }
}

}  // namespace kinto_mirror::sync
