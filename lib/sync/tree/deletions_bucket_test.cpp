// Buckets that the master deleted, between two Kintos of the model.
#include "sync/tree/deletions.hpp"
#include "sync/tree/test_deletions.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <utility>

namespace kinto_mirror::sync {

namespace {

using test::always;
using test::Asking;
using test::at;
using test::Profile;
using test::says;
using test::Why;
using test::World;

// The master deleted the bucket d, which stands on the replica without anything in it.
struct Deleting : Asking {
  explicit Deleting(std::string name = "d")
      : Asking(Profile::postgresql, Profile::postgresql), bucket(std::move(name)) {
    provide_bucket(bucket);
    to_replica.set_patience(Millis{0});
    // Who is shown the tombstone of a bucket is told that it is gone, too.
    master.kinto.options().bucket_read_principals = {"system.Everyone"};
  }

  void provide_bucket(const std::string& name) {
    replica.admin("PUT", "/buckets/" + name, R"({"permissions":)" + test::rights() + "}");
  }

  Result<Why> carry() {
    return ask(bucket, at(5'000'000),
               [](const PassContext& with, Deletion one, const DeletionView& view) {
                 return carry_out(with, std::move(one), view);
               });
  }
  [[nodiscard]] bool stands() const { return has(replica, bucket); }

  std::string bucket;
};

}  // namespace

TEST_CASE("an empty bucket goes, with the tombstone's stamp") {
  Deleting world;
  CHECK(world.carry().value() == std::nullopt);
  CHECK_FALSE(world.stands());
  CHECK(World::holds(world.replica, "d").starts_with("5000000 "));
  CHECK(World::has(world.replica, "b/collections/c"));
}

TEST_CASE("a bucket stays for whatever is still in it") {
  for (const std::string inner : {"d/collections/x", "d/groups/x"}) {
    CAPTURE(inner);
    Deleting world;
    World::put(world.replica, inner, 5);
    CHECK(says(world.carry(), "the replica has " + inner + " in it"));
    CHECK(world.stands());
    CHECK(World::has(world.replica, inner));
    World::erase(world.replica, inner, 6);
    CHECK(world.carry().value() == std::nullopt);
  }
}

TEST_CASE("a bucket stays where what is in it is not known") {
  struct Case {
    std::string endpoint;
    bool forbidden;
  };
  for (const Case& c : {Case{"collections", true}, Case{"groups", true}, Case{"collections", false},
                        Case{"groups", false}}) {
    CAPTURE(c.endpoint);
    CAPTURE(c.forbidden);
    Deleting world;
    World::put(world.replica, "d/" + c.endpoint + "/x", 5);
    const std::string path = "/buckets/d/" + c.endpoint;
    if (c.forbidden) {
      world.replica.refuse(R"({"method":"HEAD","path":")" + path, 403, 121, 1, always);
      world.replica.refuse("/v1" + path + "?", 403, 121, 1, always);
      CHECK(says(world.carry(), "may not list what is in it"));
    } else {
      test::hide_rows(world.replica, path);  // shorter than its count
      CHECK(world.carry().error().code == Errc::unproven);
    }
    CHECK(world.stands());
    CHECK(World::has(world.replica, "d/" + c.endpoint + "/x"));
  }
}

TEST_CASE("a bucket whose id meets another one stays, emptied (hazard 25)") {
  Deleting world("y_z");
  world.provide_bucket("yXz");
  const CollectionId other("yXz", "c");
  World::put(world.replica, "yXz/collections/c", 5);
  world.replica.put("r", 6, R"("n":1)", other);
  CHECK(says(world.carry(), "would delete the records and the permissions of yXz"));
  CHECK(world.stands());
  CHECK(world.replica.bodies(other).size() == 1);
  // Deleted by hand it harms nobody, once the other one is gone.
  world.replica.admin("DELETE", "/buckets/yXz");
  CHECK(world.carry().value() == std::nullopt);
  Deleting meant("yXz");
  meant.provide_bucket("y_z");
  CHECK(meant.carry().value() == std::nullopt);
}

TEST_CASE("a bucket that the master has again stays") {
  Deleting world;
  world.master.admin("PUT", "/buckets/d", R"({"permissions":)" + test::rights() + "}");
  CHECK(says(world.carry(), "now it answers 200"));
  CHECK(world.stands());
}

}  // namespace kinto_mirror::sync
