// Visits to containers that only one side has: what goes, what stays, and what is told of it.
#include "sync/tree/test_visit.hpp"
#include "sync/tree/tree_pass.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::always;
using test::Profile;
using test::reason_of;
using test::Visiting;
using test::World;

const CollectionId d("b", "d");

// The master deleted b/d and the group b/g, which the replica has, with a record.
struct Deleted : Visiting {
  explicit Deleted(Profile profile = Profile::memory) : Visiting(profile, profile) {
    options.groups = Groups::follow;
    for (test::Site* const site : {&master, &replica}) {
      put(*site, "b/groups/g", 40);
      put(*site, "b/collections/d", 50);
    }
    replica.put("r", 60, R"("n":1)", d);
    erase(master, "b/groups/g", 90);
    erase(master, "b/collections/d", 91);
    to_replica.set_patience(Millis{0});
  }
};

// The bucket d with a collection on the replica, and its tombstone on the master.
struct BucketDeleted : Visiting {
  BucketDeleted() {
    for (test::Site* const site : {&master, &replica}) {
      site->admin("PUT", "/buckets/d", R"({"permissions":)" + test::rights() + "}");
      put(*site, "d/collections/x", 50);
    }
    replica.put("r", 60, R"("n":1)", CollectionId("d", "x"));
    time.pass(Millis{1000});
    master.admin("DELETE", "/buckets/d");
  }
};

}  // namespace

TEST_CASE("what the master deleted is deleted here, and there is nothing to visit") {
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    Deleted world(profile);
    CHECK(world.visit() == "in-sync =2 +0 ~0 -2");
    CHECK(World::holds(world.replica, "b/groups/g").starts_with("90 "));
    CHECK(World::holds(world.replica, "b/collections/d").starts_with("91 "));
    CHECK(world.replica.holds(d).empty());
    CHECK(world.deleted == std::set<CollectionId>{d});
    CHECK(world.gone == std::vector<CollectionId>{d});
    CHECK(world.visit() == "in-sync =2 +0 ~0 -0");
    CHECK(world.deleted == std::set<CollectionId>{d});
    CHECK(world.gone.empty());
  }
}

TEST_CASE("what the master has again before it is deleted here belongs to what is followed") {
  Deleted world;
  world.master.meanwhile(R"("path":"/buckets/b/collections/d")",
                         [&world] { World::put(world.master, "b/collections/d", 95); });
  CHECK(world.visit() == "different =2 +0 ~0 -1; b/collections/d undeleted");
  CHECK(world.deleted.empty());
  CHECK(world.gone.empty());
  CHECK(world.unlisted == std::vector<CollectionId>{d});
  CHECK(world.replica.holds(d) == "r 60");
}

TEST_CASE("what is to stay is told as undeleted, with the reason, and the rest goes") {
  Deleted world;
  world.replica.refuse("DELETE /v1/buckets/b/groups/g", 403, 121, 1, always);
  const ContainersReport report = world.visited();
  CHECK(test::said(report) == "different =2 +0 ~0 -1; b/groups/g undeleted");
  CHECK(reason_of(report, "b/groups/g").find("needs the right to write") != std::string::npos);
  CHECK(world.gone == std::vector<CollectionId>{d});
}

TEST_CASE("one deletion that fails does not keep the others, a server that fails does") {
  Deleted world;
  world.replica.refuse("DELETE /v1/buckets/b/groups/g", 409, 122, 1, always);
  const ContainersReport report = world.visited();
  CHECK(test::said(report) == "different =2 +0 ~0 -1; b/groups/g undeleted");
  CHECK(reason_of(report, "b/groups/g").find("409 no") != std::string::npos);
  Deleted other;
  other.replica.fail("DELETE /v1/buckets/b/groups/g", Errc::unreachable, 1, always);
  CHECK(other.try_visit().error().code == Errc::unreachable);
}

TEST_CASE("with `deletions = records` containers stay, which is no difference in `keep`") {
  Deleted world;
  world.options.deletions = Deletions::records;
  CHECK(world.visit() == "in-sync =2 +0 ~0 -0; b/collections/d extra; b/groups/g extra");
  CHECK(World::has(world.replica, "b/collections/d"));
  CHECK(world.replica.bodies(d).size() == 1);
  CHECK(world.deleted == std::set<CollectionId>{d});
  world.options.extras = Extras::remove;
  CHECK(world.visit() == "different =2 +0 ~0 -0; b/collections/d extra; b/groups/g extra");
}

TEST_CASE("what the replica made anew behind the tombstone is its own, unless it was replicated") {
  for (const bool known : {false, true}) {
    Deleted world;
    if (known) world.store.has(d);
    World::put(world.replica, "b/collections/d", 95);
    World::put(world.replica, "b/groups/g", 96);
    CHECK(world.visit() == (known
                                ? "in-sync =2 +0 ~0 -1; b/groups/g extra"
                                : "in-sync =2 +0 ~0 -0; b/collections/d extra; b/groups/g extra"));
    CHECK(World::has(world.replica, "b/collections/d") == !known);
    CHECK(World::has(world.replica, "b/groups/g"));
  }
}

TEST_CASE("what was never deleted, and only the replica has, stays and is told") {
  Visiting world;
  world.options.groups = Groups::follow;
  World::put(world.replica, "b/groups/own", 40);
  World::put(world.replica, "b/collections/own", 50);
  world.replica.admin("PUT", "/buckets/own", R"({"permissions":)" + test::rights() + "}");
  const ContainersReport report = world.visited();
  CHECK(test::said(report) ==
        "in-sync =2 +0 ~0 -0; b/collections/own extra; b/groups/own extra; own extra");
  CHECK(reason_of(report, "b/groups/own") == "only the replica has it");
  CHECK(reason_of(report, "own") == "the master does not show it");
  CHECK(world.writes() == 0);
  // Groups that are not followed are nobody's business, nor is what is out of scope.
  world.options.groups = Groups::keep;
  world.options.collections = {"b/c"};
  CHECK(world.visit() == "in-sync =2 +0 ~0 -0");
}

TEST_CASE("a bucket goes with all that is in it where its tombstone is shown, and only there") {
  for (const bool shown : {false, true}) {
    CAPTURE(shown);
    BucketDeleted world;
    if (shown) test::show_all_buckets(world.master);
    const std::string told = world.visit();
    CHECK(World::has(world.replica, "d") == !shown);
    CHECK(World::has(world.replica, "d/collections/x") == !shown);
    CHECK(told == (shown ? "in-sync =2 +0 ~0 -2" : "in-sync =2 +0 ~0 -0; d extra"));
    CHECK(world.deleted.contains(CollectionId("d", "x")) == shown);
    CHECK(world.replica.bodies(CollectionId("d", "x")).size() == (shown ? 0 : 1));
  }
}

TEST_CASE("a bucket's tombstone leaves what is out of scope, and the bucket for its sake") {
  BucketDeleted world;
  test::show_all_buckets(world.master);
  World::put(world.replica, "d/collections/own", 50);
  World::put(world.replica, "d/groups/own", 51);
  world.options.collections = {"*/*", "!d/own"};
  const ContainersReport report = world.visited();
  CHECK(test::said(report) == "different =2 +0 ~0 -1; d undeleted");
  CHECK(reason_of(report, "d").find("which is not the daemon's to delete") != std::string::npos);
  CHECK(World::has(world.replica, "d/collections/own"));
  CHECK(World::has(world.replica, "d/groups/own"));
}

TEST_CASE("groups that the master does not list are told, and those of the replica stay") {
  Visiting world;
  world.options.groups = Groups::follow;
  world.options.collections = {"b/c"};
  world.master.allow("");
  World::put(world.master, "b/collections/c", 50, R"("n":2)");
  World::put(world.replica, "b/groups/own", 40);
  const ContainersReport report = world.visited();
  CAPTURE(test::said(report));
  CHECK(World::holds(world.replica, "b/collections/c") == R"(50 {"n":2})");
  CHECK(reason_of(report, "b").find("it needs the right to read b") != std::string::npos);
  CHECK(report.state == State::degraded);
  CHECK(World::has(world.replica, "b/groups/own"));
}

TEST_CASE("of a bucket that the master does not show nothing is told") {
  Visiting world;
  world.options.groups = Groups::follow;
  world.options.collections = {"b/c", "none/x"};
  CHECK(world.visit() == "in-sync =2 +0 ~0 -0");
}

TEST_CASE("what the replica does not show may be there: whoever visits the records will know") {
  struct Case {
    std::string what;
    bool loaded;
    Permissions permissions;
    std::string told;
  };
  for (const Case& c : {
           Case{"its records came through", true, Permissions::keep, "in-sync =0 +0 ~0 -0"},
           Case{"they did not", false, Permissions::keep,
                "different =0 +0 ~0 -0; b missing; b/collections/c missing"},
           Case{"they did, and its lists are wanted", true, Permissions::copy,
                "degraded =0 +0 ~0 -0; b unknown-permissions; b/collections/c unknown-permissions"},
       }) {
    CAPTURE(c.what);
    Visiting world;
    world.options.permissions = c.permissions;
    // He may create records there, and see nothing of the containers.
    world.replica.refuse("/v1/buckets/b", 403, 121, 1, always);
    world.replica.refuse(R"("path":"/buckets/b)", 403, 121, 1, always);
    if (!c.loaded) world.loaded.clear();
    CHECK(world.visit() == c.told);
  }
}

}  // namespace kinto_mirror::sync
