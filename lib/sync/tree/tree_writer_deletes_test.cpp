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

Result<Emptying> empty(World& world, Stamp etag) {
  return kinto::test::run(delete_records(world.to_replica, the_collection, etag));
}

Result<ContainerOutcome> remove(World& world, const std::string& name, std::int64_t present,
                                std::int64_t gone) {
  ContainerId id = container(name);
  return kinto::test::run(delete_container(world.to_replica, std::move(id), at(present), at(gone)));
}

const std::string all_records = "DELETE /v1/buckets/b/collections/c/records";

}  // namespace

TEST_CASE("records are deleted as long as nobody else writes to the collection") {
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    World world(profile, profile);
    world.replica.kinto.options().max_fetch_size = 5;
    world.replica.fill(12, 100);
    const auto etag = [&world] {
      return kinto::test::run(world.to_replica.count(kinto::records_path(the_collection)))->etag;
    };
    const Stamp before = etag();
    CHECK(*empty(world, before) == Emptying::done);
    CHECK(world.replica.bodies().size() == 7);
    CHECK(*empty(world, before) == Emptying::changed);
    CHECK(world.replica.bodies().size() == 7);
    CHECK(*empty(world, etag()) == Emptying::done);
    CHECK(*empty(world, etag()) == Emptying::done);
    CHECK(world.replica.bodies().empty());
  }
}

TEST_CASE("why records are not deleted") {
  World world;
  world.replica.refuse(all_records, 403, 121);
  CHECK(*empty(world, at(1)) == Emptying::no_right);
  world.replica.refuse(all_records, 404, 110);
  CHECK(*empty(world, at(1)) == Emptying::gone);
  world.replica.refuse(all_records, 400, 107);
  CHECK(empty(world, at(1)).error().code == Errc::rejected);
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
