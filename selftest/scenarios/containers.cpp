// What stands around the records: metadata and groups, by single passes and by an engine that
// follows.
#include "selftest/doctest.hpp"
#include "selftest/scenarios/anchors.hpp"
#include "selftest/world.hpp"

#include <functional>
#include <memory>
#include <string>

namespace kinto_mirror::selftest {

void anchor_containers() {}

namespace {

// Far above what a change needs, also on a busy machine.
constexpr Millis change_bound{20'000};
constexpr Millis pass_interval{100};

constexpr const char* outsider = "account:selftest-outsider";

}  // namespace

TEST_CASE_FIXTURE(World, "metadata") {
  const std::string bucket = kinto::bucket_path(id);
  const std::string collection = kinto::collection_path(id);
  master.create(id, R"({"displayFields":["title"],"note":1})");
  master.put(id, random.records(5));
  for (const std::string& path : {bucket, collection}) needs(master, "PATCH", path);
  CHECK(pass().tree() == "in-sync");
  REQUIRE(difference(collection) == "");
  for (const std::string& path : {bucket, collection}) needs(replica, "PUT", path);

  pause();
  master.write("PATCH", bucket, R"({"note":{"of":"the bucket"}})");
  master.write("PATCH", collection, R"({"note":[2,null],"sort":"-title"})");
  const Pass second = pass();
  CHECK(second.outcome == "in-sync");
  CHECK(second.tree() == "in-sync");
  CHECK(second.containers.written.updated == 2);
  CHECK(difference(bucket) == "");
  CHECK(difference(collection) == "");
  CHECK(difference() == "");
  CHECK(pass().written() == "");

  // Asked to leave it alone from its creation on.
  const auto before = replica.container(collection);
  master.write("PATCH", collection, R"({"note":3})");
  sync::Options create = options();
  create.metadata = sync::Metadata::create;
  CHECK(pass(create).written() == "");
  CHECK(selftest::difference(before, replica.container(collection)) == "");
  CHECK(pass().tree() == "in-sync");
  CHECK(difference(collection) == "");
}

TEST_CASE_FIXTURE(World, "groups") {
  const std::string group = kinto::groups_path(id.bucket) + "/selftest-readers";
  publish(random.records(3));
  for (const char* method : {"PUT", "DELETE"}) needs(master, method, group);
  master.write("PUT", group, R"({"members":["account:selftest-a","account:selftest-b"],"note":1})");

  // Groups belong to permissions: where those stay the replica's own, so do these.
  CHECK(pass().tree() == "in-sync");
  CHECK_FALSE(replica.container(group));
  for (const char* method : {"PUT", "DELETE"}) needs(replica, method, group);

  sync::Options following = options();
  following.permissions = sync::Permissions::read;
  following.groups = sync::Groups::follow;
  needs_lists(master, group);
  needs_lists(master, kinto::collection_path(id));
  CHECK(pass(following).tree() == "in-sync");
  CHECK(difference(group) == "");

  pause();
  master.write("PATCH", group, R"({"members":["account:selftest-b","account:selftest-c"]})");
  const Pass changed = pass(following);
  CHECK(changed.tree() == "in-sync");
  CHECK(changed.containers.written.updated == 1);
  CHECK(difference(group) == "");
  CHECK(pass(following).written() == "");

  master.write("DELETE", group);
  CHECK(pass().tree() == "in-sync");
  CHECK(replica.container(group));
  const Pass deleted = pass(following);
  CHECK(deleted.tree() == "in-sync");
  CHECK(deleted.containers.written.deleted == 1);
  CHECK_FALSE(replica.container(group));
  CHECK(pass(following).written() == "");
  CHECK(difference() == "");
}

TEST_CASE_FIXTURE(World, "containers-followed") {
  const std::string collection = kinto::collection_path(id);
  const CollectionId doomed = also("doomed");
  const std::string group = kinto::groups_path(id.bucket) + "/selftest-readers";
  publish(random.records(5));
  master.create(doomed);
  master.put(doomed, random.records(3));
  needs(master, "PATCH", collection);
  needs(master, "PUT", group);
  needs(master, "DELETE", kinto::collection_path(doomed));
  needs_lists(master, collection);
  sync::Options often = options();
  often.interval = pass_interval;
  often.permissions = sync::Permissions::read;
  often.groups = sync::Groups::follow;
  const std::unique_ptr<Mirror> mirror = follow(often);
  const auto arrives = [&](const std::function<bool()>& holds) {
    const bool arrived = mirror->follows_until(holds, change_bound);
    INFO("trouble: ", mirror->trouble());
    CHECK(arrived);
    return arrived;
  };

  REQUIRE(arrives([&] {
    return replica.exists(id) && difference().empty() && replica.exists(doomed) &&
           difference(doomed).empty();
  }));
  needs(replica, "PUT", collection);
  needs(replica, "PUT", group);
  needs(replica, "DELETE", kinto::collection_path(doomed));
  master.write("PATCH", collection, R"({"note":"changed"})");
  REQUIRE(arrives([&] { return difference(collection).empty(); }));
  master.write("PATCH", collection, "{}", R"({"read":[")" + std::string(outsider) + R"("]})");
  REQUIRE(arrives([&] { return replica.container(collection)->may("read", outsider); }));
  master.write("PUT", group, R"({"members":["account:selftest-a"]})");
  REQUIRE(arrives([&] { return difference(group).empty(); }));
  master.write("DELETE", kinto::collection_path(doomed));
  REQUIRE(arrives([&] { return !replica.exists(doomed); }));
  master.write("PATCH", collection, "{}", R"({"read":[]})");
  REQUIRE(arrives([&] { return !replica.container(collection)->may("read", outsider); }));
  CHECK(difference() == "");
}

}  // namespace kinto_mirror::selftest
