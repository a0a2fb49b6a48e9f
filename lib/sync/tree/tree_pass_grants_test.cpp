// Who is let in, and when: visits between two Kintos of the model.
#include "sync/tree/test_visit.hpp"
#include "sync/tree/tree_pass.hpp"

#include <doctest/doctest.h>

#include <string>

namespace kinto_mirror::sync {

namespace {

using test::Profile;
using test::reason_of;
using test::rights;
using test::Visiting;
using test::World;

const std::string everyone = R"("system.Everyone")";
const std::string let_in = R"({"read":["system.Everyone"]})";

struct Granting : Visiting {
  explicit Granting(Profile profile = Profile::memory) : Visiting(profile, profile) {
    options.permissions = Permissions::copy;
  }
};

}  // namespace

TEST_CASE(
    "nobody is let in before the records are there, and the stamp is the master's then (P6)") {
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    Granting world(profile);
    World::put(world.master, "b/collections/d", 50, R"("n":1)", rights(everyone));
    const CollectionId d("b", "d");
    // While its records are on their way.
    world.at_records = [&world] {
      CHECK(World::holds(world.replica, "b/collections/d") == R"(49 {"n":1})");
      CHECK(World::grants(world.replica, "b/collections/d") == "{}");
    };
    CHECK(world.visit() == "different =2 +1 ~0 -0; b/collections/d permissions");
    CHECK(World::grants(world.replica, "b/collections/d") == "{}");
    CHECK(world.visit() == "different =2 +0 ~0 -0; b/collections/d permissions");
    CHECK(world.writes() == 0);  // nothing, until it is loaded
    world.loaded.insert(d);
    CHECK(world.visit() == "in-sync =2 +0 ~1 -0");
    CHECK(World::holds(world.replica, "b/collections/d") == R"(50 {"n":1})");
    CHECK(World::grants(world.replica, "b/collections/d") == let_in);
    world.at_records = nullptr;
    CHECK(world.visit() == "in-sync =3 +0 ~0 -0");
    CHECK(world.writes() == 0);
  }
}

TEST_CASE("rights are granted behind the records, also where these were there long ago") {
  Granting world;
  World::put(world.master, "b/collections/c", 50, "", rights(everyone));
  world.at_records = [&world] { CHECK(World::grants(world.replica, "b/collections/c") == "{}"); };
  CHECK(world.visit() == "in-sync =1 +0 ~1 -0");
}

TEST_CASE("rights are taken away before the records, whether or not they are there") {
  Granting world;
  World::put(world.master, "b/collections/c", 50);
  World::put(world.replica, "b/collections/c", 40, "", rights(everyone));
  world.loaded.clear();
  world.at_records = [&world] { CHECK(World::grants(world.replica, "b/collections/c") == "{}"); };
  CHECK(world.visit() == "in-sync =1 +0 ~1 -0");
}

TEST_CASE("a bucket lets in when all that is in it is there, and behind it") {
  Granting world;
  world.master.admin("PUT", "/buckets/b", R"({"permissions":)" + rights(everyone) + "}");
  World::put(world.master, "b/collections/d", 50);
  CHECK(world.visit() == "different =1 +1 ~0 -0; b permissions; b/collections/d permissions");
  CHECK(World::grants(world.replica, "b") == "{}");
  world.loaded.insert(CollectionId("b", "d"));
  CHECK(world.visit() == "in-sync =1 +0 ~2 -0");
  CHECK(World::grants(world.replica, "b") == let_in);
}

TEST_CASE("a checkpoint of a collection that is not there lets nobody in") {
  Granting world;
  world.master.admin("PUT", "/buckets/b", R"({"permissions":)" + rights(everyone) + "}");
  World::put(world.master, "b/collections/d", 50);
  world.at_records = [&world] { CHECK(World::grants(world.replica, "b") == "{}"); };
  CHECK(world.visit().starts_with("different "));
  CHECK(World::grants(world.replica, "b") == "{}");
}

TEST_CASE("what lies in a bucket is granted before the bucket is") {
  Granting world;
  world.master.admin("PUT", "/buckets/b", R"({"permissions":)" + rights(everyone) + "}");
  World::put(world.master, "b/collections/c", 50, "", rights(everyone));
  CHECK(world.visit() == "in-sync =0 +0 ~2 -0");
  for (const std::string& line : world.replica.seen) {
    if (line.find("system.Everyone") == std::string::npos) continue;
    CHECK(line.find(R"("path":"/buckets/b/collections/c")") < line.find(R"("path":"/buckets/b",)"));
  }
}

TEST_CASE("what came into being while the records were visited is granted too") {
  Granting world;
  world.replica.allow("");
  World::put(world.master, "b/collections/d", 50, "", rights(everyone));
  world.loaded.insert(CollectionId("b", "d"));
  world.at_records = [&world] {
    CHECK_FALSE(World::has(world.replica, "b/collections/d"));
    World::put(world.replica, "b/collections/d", 49);
  };
  CHECK(world.visit() == "degraded =1 +0 ~1 -0; b unknown-permissions");
  CHECK(World::holds(world.replica, "b/collections/d") == "50 {}");
  CHECK(World::grants(world.replica, "b/collections/d") == let_in);
}

TEST_CASE("a group holds nobody's records, and is granted at once") {
  Granting world;
  world.options.groups = Groups::follow;
  // It is called like a collection.
  World::put(world.master, "b/groups/c", 40, R"("members":["a"])", rights(everyone));
  world.loaded.clear();
  CHECK(world.visit() == "in-sync =2 +1 ~0 -0");
  CHECK(World::holds(world.replica, "b/groups/c") == R"(40 {"members":["a"]})");
  CHECK(World::grants(world.replica, "b/groups/c") == let_in);
}

TEST_CASE("`read` copies that list alone, and `keep` none") {
  for (const Permissions one : {Permissions::read, Permissions::keep}) {
    Granting world;
    world.options.permissions = one;
    World::put(world.master, "b/collections/c", 50, "",
               R"({"read":["a"],"write":["w",")" + test::mirror() + R"("]})");
    World::put(world.replica, "b/collections/c", 40, "",
               R"({"read":["b"],"write":["z",")" + test::mirror() + R"("]})");
    CHECK(world.visit() == "in-sync =1 +0 ~1 -0");
    const std::string readers = one == Permissions::read ? "a" : "b";
    CHECK(World::grants(world.replica, "b/collections/c") ==
          R"({"read":[")" + readers + R"("],"write":["z"]})");
  }
}

TEST_CASE("readers are let into collections behind the load, whatever the master grants") {
  Granting world;
  world.options.permissions = Permissions::keep;
  world.options.readers = {"system.Everyone"};
  world.at_records = [&world] { CHECK(World::grants(world.replica, "b/collections/c") == "{}"); };
  CHECK(world.visit() == "in-sync =1 +0 ~1 -0");
  CHECK(World::grants(world.replica, "b/collections/c") == let_in);
  CHECK(World::grants(world.replica, "b") == "{}");
}

TEST_CASE("lists that are not shown clear nothing, on either side (hazards 29 and 47)") {
  for (const bool on_master : {true, false}) {
    CAPTURE(on_master);
    Granting world;
    const std::string hidden = R"({"read":["b"],"write":["somebody"]})";
    World::put(world.master, "b/collections/c", 50, "", on_master ? hidden : rights(everyone));
    World::put(world.replica, "b/collections/c", 50, "", on_master ? rights(R"("r")") : hidden);
    const ContainersReport report = world.visited();
    CHECK(test::said(report) == "degraded =1 +0 ~0 -0; b/collections/c unknown-permissions");
    CHECK(world.writes() == 0);
    const std::string reason = reason_of(report, "b/collections/c");
    CHECK(reason.starts_with(on_master ? "master does not show" : "replica does not show"));
    CHECK(reason.find(test::mirror()) != std::string::npos);
    CHECK(World::grants(world.replica, "b/collections/c") ==
          (on_master ? R"({"read":["r"]})" : R"({"read":["b"],"write":["somebody"]})"));
  }
}

TEST_CASE("a difference of lists is told by name") {
  Granting world;
  world.options.dry_run = true;
  World::put(world.master, "b/collections/c", 50, "", rights(everyone));
  World::put(world.replica, "b/collections/c", 50, "", rights(R"("r")"));
  const ContainersReport report = world.visited();
  CHECK(test::said(report) == "different =1 +0 ~0 -0; b/collections/c permissions");
  CHECK(reason_of(report, "b/collections/c") == "read: lacks system.Everyone, has r besides");
}

TEST_CASE("users of basicauth are told once, since another server may know them by another name") {
  const std::string stranger = R"("basicauth:0123")";
  struct Case {
    std::string what;
    Permissions permissions;
    bool mapped;
    bool alike;
    int told;
  };
  for (const Case& c : {Case{"copied", Permissions::copy, false, false, 1},
                        Case{"not copied", Permissions::keep, false, false, 0},
                        Case{"named by the operator", Permissions::copy, true, false, 0},
                        Case{"one secret on both", Permissions::copy, false, true, 0}}) {
    CAPTURE(c.what);
    Granting world;
    world.options.permissions = c.permissions;
    if (c.mapped) world.options.principals["basicauth:0123"] = "account:bob";
    if (!c.alike) world.traits.user = "account:mirror";
    World::put(world.master, "b/collections/c", 50, "", rights(stranger));
    for (int times = 0; times < 2; ++times) (void)world.visit();
    CHECK(world.told.says("basicauth:0123") == c.told);
  }
}

TEST_CASE("a bucket is not opened while its collections may not be listed (P6)") {
  Granting world;
  world.options.collections = {"b/c"};
  world.master.admin("PUT", "/buckets/b", R"({"permissions":)" + rights(everyone) + "}");
  world.master.refuse("/buckets/b/collections?", 403, 121, 1, test::always);
  world.visit();
  CHECK(World::grants(world.replica, "b") == "{}");
  // Listed again, and loaded.
  world.master.recover();
  world.visit();
  CHECK(World::grants(world.replica, "b") == let_in);
}

}  // namespace kinto_mirror::sync
