// Deletions that are carried out, or have to wait, between two Kintos of the model.
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
using test::container;
using test::Profile;
using test::says;
using test::Why;
using test::World;

// A replica that has what the master deleted: the collection b/c with two records.
struct Deleting : Asking {
  explicit Deleting(Profile profile = Profile::postgresql) : Asking(profile, profile) {
    replica.hold("a 10, b 20");
    erase(master, "b/collections/c", 90);
    to_replica.set_patience(Millis{0});
    from_master.set_patience(Millis{0});
  }

  Result<Why> carry(const std::string& name) {
    return ask(name, at(90), [](const PassContext& with, Deletion one, const DeletionView& view) {
      return carry_out(with, std::move(one), view);
    });
  }
  Result<Why> foresee(const std::string& name) {
    return ask(name, at(90),
               [](const PassContext& with, const Deletion& one, const DeletionView& view) {
                 return hindrance(with, one.id, view);
               });
  }
};

}  // namespace

TEST_CASE("a collection goes with its records, and leaves the master's tombstone") {
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    Deleting world(profile);
    world.replica.kinto.options().max_fetch_size = 1;
    CHECK(world.carry("b/collections/c").value() == std::nullopt);
    CHECK(World::holds(world.replica, "b/collections/c").starts_with("90 "));
    CHECK_FALSE(World::has(world.replica, "b/collections/c"));
    CHECK(world.replica.holds().empty());
    // Nor does anything come back with it (hazard 24).
    World::put(world.replica, "b/collections/c", 100);
    CHECK(world.replica.bodies().empty());
    CHECK(world.replica.asked("POST /v1/batch {\"requests\":[{\"method\":\"DELETE") == 0);
  }
}

TEST_CASE("what the master has again stays, with all its records") {
  struct Case {
    std::string what;
    int status;
    int number;
  };
  for (const Case& c : {Case{"it answers", 0, 0}, Case{"it does not tell", 503, 201},
                        Case{"something in front says 404", 404, 0}}) {
    CAPTURE(c.what);
    Deleting world;
    world.master.block("/batch", 405, 1, always);
    const std::string asked = "GET /v1/buckets/b/collections/c";
    if (c.status == 0) World::put(world.master, "b/collections/c", 95);
    if (c.number != 0) world.master.refuse(asked, c.status, c.number, 1, always);
    if (c.status != 0 && c.number == 0) world.master.block(asked, c.status, 1, always);
    const auto done = world.carry("b/collections/c");
    CHECK((done.has_error() || done->has_value()));
    if (c.status == 0) CHECK(says(done, "now it answers 200"));
    CHECK(world.replica.bodies().size() == 2);
    CHECK(World::has(world.replica, "b/collections/c"));
  }
}

TEST_CASE("a master that cannot be reached proves nothing") {
  Deleting world;
  world.master.fail("", Errc::unreachable, 1, always);
  CHECK(world.carry("b/collections/c").error().code == Errc::unreachable);
  CHECK(world.replica.bodies().size() == 2);
}

TEST_CASE("what somebody writes to meanwhile stays") {
  Deleting world;
  World::put(world.replica, "b/groups/g", 5);
  world.replica.meanwhile("DELETE /v1/buckets/b/groups/g",
                          [&world] { World::put(world.replica, "b/groups/g", 7); });
  CHECK(says(world.carry("b/groups/g"), "somebody writes to it"));
  CHECK(World::has(world.replica, "b/groups/g"));
}

TEST_CASE("what was looked at before a wait is looked at again behind it") {
  Deleting world;
  world.replica.kinto.options().backoff_s = 1;
  constexpr int behind = 4;  // once before all, and around the records
  world.master.meanwhile(
      "/buckets/b/collections/c", [&world] { World::put(world.master, "b/collections/c", 95); },
      behind);
  CHECK(says(world.carry("b/collections/c"), "now it answers 200"));
  CHECK(World::has(world.replica, "b/collections/c"));
  // One that asks for peace in all of its answers is obeyed, and the deletion comes all the same.
  Deleting busy;
  busy.replica.kinto.options().backoff_s = 1;
  CHECK(busy.carry("b/collections/c").value() == std::nullopt);
  CHECK_FALSE(World::has(busy.replica, "b/collections/c"));
}

TEST_CASE("another daemon that was faster is no failure") {
  Deleting world;
  World::erase(world.replica, "b/collections/c", 90);
  CHECK(world.carry("b/collections/c").value() == std::nullopt);
  World::put(world.replica, "b/groups/g", 5);
  world.replica.meanwhile("DELETE /v1/buckets/b/groups/g",
                          [&world] { World::erase(world.replica, "b/groups/g", 90); });
  CHECK(world.carry("b/groups/g").value() == std::nullopt);
}

TEST_CASE("who may not delete is told which right it takes") {
  for (const std::string refused : {"records", "c?last_modified"}) {
    CAPTURE(refused);
    Deleting world;
    world.replica.refuse("DELETE /v1/buckets/b/collections/c" +
                             std::string(refused == "records" ? "/records" : "?last_modified"),
                         403, 121, 1, always);
    const auto done = world.carry("b/collections/c");
    CHECK(says(done, "the replica refuses to"));
    CHECK(says(done, "needs the right to write b/collections/c"));
    CHECK(World::has(world.replica, "b/collections/c"));
  }
}

TEST_CASE("a neighbour that `_` meets keeps the emptied container (hazards 25 and 69)") {
  struct Case {
    std::string what;
    std::string deleted;
    std::string other;  // of the same bucket, or of another one
    bool stays;
  };
  for (const Case& c : {
           Case{"a collection", "b/collections/d_e", "b/collections/dXe", true},
           Case{"a group", "b/groups/d_e", "b/groups/dXe", true},
           Case{"none that matches", "b/collections/d_e", "b/collections/dXf", false},
           Case{"of another kind", "b/collections/d_e", "b/groups/dXe", false},
           Case{"it is no pattern of the other", "b/collections/dXe", "b/collections/d_e", false},
           Case{"in another bucket", "y_z/collections/c", "yXz/collections/c", true},
           Case{"in another bucket, of another id", "y_z/collections/c", "yXz/collections/d",
                false},
           Case{"a group in another bucket", "y_z/groups/g", "yXz/groups/g", true},
       }) {
    for (const bool gone : {false, true}) {
      CAPTURE(c.what);
      CAPTURE(gone);
      Deleting world;
      for (const std::string& name : {c.deleted, c.other}) {
        const std::string bucket = "/buckets/" + container(name).bucket;
        if (container(name).bucket != "b") {
          for (test::Site* const site : {&world.master, &world.replica}) {
            site->admin("PUT", bucket,
                        R"({"permissions":)" + test::rights(R"("system.Everyone")") + "}");
          }
        }
        World::put(world.replica, name, name == c.deleted ? 5 : 6, "", test::rights(R"("r")"));
      }
      if (gone) World::erase(world.replica, c.other, 80);
      const bool stays = c.stays && !gone;
      const auto foreseen = world.foresee(c.deleted);
      const auto done = world.carry(c.deleted);
      CHECK(foreseen.value().has_value() == stays);
      CHECK(done.value() == foreseen.value());
      if (stays) CHECK(says(done, "would erase the permissions of " + c.other));
      CHECK(World::has(world.replica, c.deleted) == stays);
      if (!gone) CHECK(World::grants(world.replica, c.other) == R"({"read":["r"]})");
    }
  }
}

TEST_CASE("on memory ids are no patterns") {
  Deleting world(Profile::memory);
  for (const char* name : {"b/groups/d_e", "b/groups/dXe"}) World::put(world.replica, name, 5);
  world.traits.holds_stamps_once = false;
  CHECK(world.carry("b/groups/d_e").value() == std::nullopt);
  CHECK_FALSE(World::has(world.replica, "b/groups/d_e"));
  CHECK(World::has(world.replica, "b/groups/dXe"));
}

TEST_CASE("where neighbours cannot be listed there may be one") {
  for (const bool forbidden : {true, false}) {
    CAPTURE(forbidden);
    Deleting world;
    World::put(world.replica, "b/collections/d_e", 5);
    const std::string list = "GET /v1/buckets/b/collections?";
    if (forbidden) {
      world.replica.refuse(R"({"method":"HEAD","path":"/buckets/b/collections"})", 403, 121, 1,
                           always);
      world.replica.refuse("/v1/buckets/b/collections?", 403, 121, 1, always);
      CHECK(says(world.carry("b/collections/d_e"), "what it may have in b, and does not list"));
    } else {
      world.replica.block(list, 400, 1, always);
      CHECK(world.carry("b/collections/d_e").error().code == Errc::turned_away);
    }
    CHECK(World::has(world.replica, "b/collections/d_e"));
  }
}

}  // namespace kinto_mirror::sync
