// What is written to the replica for the lists of one container, and when.
#include "base/json_slice.hpp"
#include "sync/tree/container_plan.hpp"
#include "sync/tree/test_tree.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::container;
using test::shown;
using Kind = ContainerDifference::Kind;
using Kinds = std::vector<Kind>;

const std::string everyone = R"({"read":["system.Everyone"],"write":["m"]})";
const std::string nobody = R"({"write":["m"]})";

ContainerSettings copying() {
  ContainerSettings settings;
  settings.lists.permissions = Permissions::copy;
  settings.lists.own_user = "m";
  return settings;
}

// `at 7 {"read":["a"]}`; `at 7`: the lists stay; empty: nothing is written.
std::string said(const ContainerPlan& plan) {
  if (!plan.write) return "";
  const auto stamp = json::member(plan.write->data, "last_modified");
  return "at " + std::string(stamp.value_or("none")) +
         (plan.write->lists ? " " + encode(*plan.write->lists) : "");
}

}  // namespace

TEST_CASE("rights are granted behind the load, and the stamp leaves room for it") {
  struct Case {
    std::string what;
    std::optional<Container> replica;
    std::string before;  // with no leave to grant
    std::string behind;
    Kinds differences;
    bool waits;
  };
  const std::string lets_read = R"( {"read":["system.Everyone"],"write":["m"]})";
  const Container master = shown(1000, "", everyone);
  for (const Case& c : {
           Case{"missing", {}, "at 999", "at 1000" + lets_read, {Kind::missing}, true},
           Case{"made, and not granted",
                shown(999, "", nobody),
                "",
                "at 1000" + lets_read,
                {Kind::permissions},
                true},
           Case{"older",
                shown(500, "", nobody),
                "",
                "at 1000" + lets_read,
                {Kind::permissions},
                true},
           Case{"older, with other data",
                shown(500, R"("n":1)", nobody),
                "at 999",
                "at 1000" + lets_read,
                {Kind::data, Kind::permissions},
                true},
           // No room is left below the master's stamp: it is written at that, or what Kinto makes
           // of it.
           Case{"just below, with other data",
                shown(999, R"("n":1)", nobody),
                "at 1000",
                "at 1000" + lets_read,
                {Kind::data, Kind::permissions},
                true},
           Case{"ahead",
                shown(2000, "", nobody),
                "",
                "at 1000" + lets_read,
                {Kind::permissions},
                true},
           Case{"equal", shown(1000, "", everyone), "", "", {}, false},
           Case{"only the stamp", shown(999, "", everyone), "at 1000", "at 1000", {}, false},
       }) {
    CAPTURE(c.what);
    const ContainerId id = container("b/collections/c");
    const ContainerPlan before = plan_container(id, master, c.replica, copying(), false);
    const ContainerPlan behind = plan_container(id, master, c.replica, copying(), true);
    CHECK(said(before) == c.before);
    CHECK(said(behind) == c.behind);
    CHECK(before.waits == c.waits);
    CHECK_FALSE(behind.waits);
    CHECK(before.differences == c.differences);
    CHECK(behind.differences == c.differences);
  }
}

TEST_CASE("rights are taken away at once, also where others are still to be granted") {
  const ContainerId id = container("b/collections/c");
  const Container master = shown(1000, "", R"({"read":["new","stays"],"write":["m"]})");
  const Container replica = shown(500, "", R"({"read":["old","stays"],"write":["m"]})");
  const ContainerPlan before = plan_container(id, master, replica, copying(), false);
  CHECK(said(before) == R"(at 999 {"read":["stays"],"write":["m"]})");
  CHECK(before.waits);
  CHECK(before.lists_differ == "read: lacks new, has old besides");
  const Container then = shown(999, "", R"({"read":["stays"],"write":["m"]})");
  CHECK(said(plan_container(id, master, then, copying(), true)) ==
        R"(at 1000 {"read":["new","stays"],"write":["m"]})");
}

TEST_CASE("lists that end empty are not written as such, since that would clear nothing") {
  const ContainerId id = container("b/collections/c");
  ContainerSettings settings;
  settings.lists.permissions = Permissions::read;
  const Container master = shown(1000, "", R"({"write":["w"]})");
  const Container replica = shown(500, "", R"({"read":["a"]})");
  const ContainerPlan now = plan_container(id, master, replica, settings, true);
  CHECK(said(now) == "at 1000");
}

TEST_CASE("lists that are not shown are neither compared nor written") {
  struct Case {
    std::string what;
    Permissions permissions;
    std::string readers;
    std::string of_master;
    std::string of_replica;
    std::string written;
    Kinds differences;
  };
  for (const Case& c : {
           Case{
               "of the master", Permissions::copy, "", "", nobody, "", {Kind::unknown_permissions}},
           Case{"of the replica",
                Permissions::copy,
                "",
                everyone,
                "",
                "",
                {Kind::unknown_permissions}},
           Case{"of both", Permissions::read, "", "", "", "", {Kind::unknown_permissions}},
           // Readers are the operator's own.
           Case{"of the master, and readers",
                Permissions::keep,
                "r",
                "",
                nobody,
                R"(at 10 {"read":["r"],"write":["m"]})",
                {Kind::permissions}},
           Case{"of the replica, and readers",
                Permissions::keep,
                "r",
                "",
                "",
                "",
                {Kind::unknown_permissions}},
           Case{"nobody asks for them", Permissions::keep, "", "", "", "", {}},
       }) {
    CAPTURE(c.what);
    ContainerSettings settings = copying();
    settings.lists.permissions = c.permissions;
    if (!c.readers.empty()) settings.lists.readers = {c.readers};
    const ContainerPlan now =
        plan_container(container("b/collections/c"), shown(10, "", c.of_master),
                       shown(10, "", c.of_replica), settings, true);
    CHECK(said(now) == c.written);
    CHECK(now.differences == c.differences);
  }
}

TEST_CASE("data are followed where lists are not shown, and the lists stay") {
  const ContainerPlan now = plan_container(
      container("b/collections/c"), shown(10, R"("n":1)", everyone), shown(9), copying(), true);
  CHECK(said(now) == "at 10");
  CHECK(now.differences == Kinds{Kind::unknown_permissions, Kind::data});
}

TEST_CASE("what is made while the master's lists are unknown has the server's own") {
  const ContainerPlan now = plan_container(container("b/groups/g"), shown(10), {}, copying(), true);
  CHECK(said(now) == "at 10");
  CHECK(now.creates);
  CHECK(now.differences == Kinds{Kind::unknown_permissions, Kind::missing});
}

TEST_CASE("readers are granted on collections alone") {
  ContainerSettings settings;
  settings.lists.readers = {"system.Everyone"};
  for (const char* name : {"b", "b/groups/g", "b/collections/c"}) {
    CAPTURE(name);
    const ContainerId id = container(name);
    const bool granted = id.kind == ContainerKind::collection;
    const std::string members = id.kind == ContainerKind::group ? R"("members":[])" : "";
    const ContainerPlan now =
        plan_container(id, shown(10, members), shown(10, members, nobody), settings, true);
    CHECK(said(now) == (granted ? "at 10 " + everyone : ""));
    CHECK(now.differences == (granted ? Kinds{Kind::permissions} : Kinds()));
    // A container that is made has them from the beginning.
    const ContainerPlan made = plan_container(id, shown(10, members), {}, settings, true);
    CHECK(said(made) == (granted ? R"(at 10 {"read":["system.Everyone"]})" : "at 10"));
    CHECK(said(plan_container(id, shown(10, members), {}, settings, false)) ==
          (granted ? "at 9" : "at 10"));
    // Also where their lists are followed.
    settings.lists.permissions = Permissions::read;
    const ContainerPlan followed =
        plan_container(id, shown(10, members, nobody), shown(10, members, nobody), settings, true);
    CHECK(said(followed) == (granted ? "at 10 " + everyone : ""));
    settings.lists.permissions = Permissions::keep;
  }
}

}  // namespace kinto_mirror::sync
