// What is written to the replica for one container, but for its lists.
#include "sync/tree/container_plan.hpp"

#include "base/json_slice.hpp"
#include "sync/tree/test_tree.hpp"

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::container;
using test::shown;
using Kind = ContainerDifference::Kind;
using Kinds = std::vector<Kind>;
using Principals = std::map<std::string, std::string>;

const ContainerId collection = container("b/collections/c");
const ContainerId group = container("b/groups/g");

ContainerPlan plan(const ContainerId& id, const Container& master,
                   const std::optional<Container>& replica, Metadata metadata = Metadata::follow) {
  ContainerSettings settings;
  settings.metadata = metadata;
  return plan_container(id, master, replica, settings, true);
}

// `{"n":1} at 7`; empty: nothing is written.
std::string said(const ContainerPlan& plan) {
  if (!plan.write) return "";
  const std::string& data = plan.write->data;
  const auto stamp = json::member(data, "last_modified");
  const auto n = json::member(data, "n");
  return (n ? "n " + std::string(*n) : "no n") + " at " + std::string(stamp.value_or("none")) +
         (plan.write->lists ? " with lists" : "");
}

Principals renamed() {
  return {{"bob", "robert"}, {"gone", ""}, {"both", "ann"}};
}

}  // namespace

TEST_CASE("data and stamp follow the master's") {
  struct Case {
    std::string what;
    Container master;
    std::optional<Container> replica;
    std::string written;
    Kinds differences;
    bool only_stamp;
    bool ahead;
  };
  for (const Case& c : {
           Case{"missing", shown(10, R"("n":1)"), {}, "n 1 at 10", {Kind::missing}, false, false},
           Case{"equal", shown(10, R"("n":1)"), shown(10, R"("n":1)"), "", {}, false, false},
           Case{"equal, and otherwise spelled",
                shown(10, R"("n":1,"m":[1e2,"a"])"),
                shown(10, R"("m":[100,"\u0061"],"n":1.0)"),
                "",
                {},
                false,
                false},
           Case{"other data, older",
                shown(10, R"("n":2)"),
                shown(9, R"("n":1)"),
                "n 2 at 10",
                {Kind::data},
                false,
                false},
           Case{"other data at the same stamp",
                shown(10, R"("n":2)"),
                shown(10, R"("n":1)"),
                "n 2 at 10",
                {Kind::data},
                false,
                false},
           Case{"other data, and ahead (hazard 52)",
                shown(10, R"("n":2)"),
                shown(11, R"("n":1)"),
                "n 2 at 10",
                {Kind::data},
                false,
                true},
           Case{"a member more",
                shown(10),
                shown(10, R"("n":1)"),
                "no n at 10",
                {Kind::data},
                false,
                false},
           // A stamp that cannot be lowered is no difference, one that can be lifted neither.
           Case{"only the stamp, older",
                shown(10, R"("n":1)"),
                shown(9, R"("n":1)"),
                "n 1 at 10",
                {},
                true,
                false},
           Case{"only the stamp, newer",
                shown(10, R"("n":1)"),
                shown(11, R"("n":1)"),
                "",
                {},
                false,
                false},
       }) {
    CAPTURE(c.what);
    const ContainerPlan now = plan(collection, c.master, c.replica);
    CHECK(said(now) == c.written);
    CHECK(now.differences == c.differences);
    CHECK(now.creates == !c.replica.has_value());
    CHECK(now.only_stamp == c.only_stamp);
    CHECK(now.ahead == c.ahead);
    CHECK_FALSE(now.waits);
    CHECK(now.lists_differ.empty());
  }
}

TEST_CASE("what metadata are followed depends on the setting, and on the kind") {
  const Container master = shown(10, R"("n":2)");
  for (const char* name : {"b", "b/collections/c"}) {
    CAPTURE(name);
    const ContainerId id = container(name);
    CHECK(said(plan(id, master, {}, Metadata::create)) == "n 2 at 10");
    const ContainerPlan other = plan(id, master, shown(9, R"("n":1)"), Metadata::create);
    CHECK(said(other) == "");
    CHECK(other.differences.empty());
    CHECK_FALSE(other.only_stamp);
    CHECK(said(plan(id, master, shown(9, R"("n":1)"))) == "n 2 at 10");
  }
  // Groups are followed or not by a setting of their own.
  const ContainerPlan of_group =
      plan(group, shown(10, R"("members":["a"])"), shown(9, R"("members":[])"), Metadata::create);
  CHECK(of_group.write.has_value());
  CHECK(of_group.differences == Kinds{Kind::data});
}

TEST_CASE("where metadata are left alone, lists are written with the replica's own") {
  ContainerSettings settings;
  settings.metadata = Metadata::create;
  settings.lists.permissions = Permissions::read;
  const Container master = shown(10, R"("n":2)", R"({"read":["a"],"write":["w"]})");
  const Container replica = shown(9, R"("n":1)", R"({"write":["m"]})");
  const ContainerPlan now = plan_container(collection, master, replica, settings, true);
  CHECK(said(now) == "n 1 at 10 with lists");
  CHECK(now.differences == Kinds{Kind::permissions});
}

TEST_CASE("a group's members have their names on the replica, in order, each once") {
  struct Case {
    std::string members;  // of the master's data
    std::string wanted;
  };
  const Principals names = renamed();
  for (const Case& c : {
           Case{R"("members":["z","bob","a"])", R"(["z","robert","a"])"},
           Case{R"("members":["gone","a","a"])", R"(["a"])"},
           Case{R"("members":["both","ann"])", R"(["ann"])"},
           Case{R"("members":[])", "[]"},
           Case{R"("n":1)", "[]"},
           Case{R"("members":["q\"\u00e9"])", "[\"q\\\"\xC3\xA9\"]"},
       }) {
    CAPTURE(c.members);
    const std::string data = wanted_data(group, shown(10, c.members), &names);
    CHECK(json::member(data, "members") == c.wanted);
    CHECK(json::member(data, "last_modified") == "10");
    CHECK(json::member(data, "id") == R"("x")");
    json::ObjectReader reader(data);
    for (json::Member one; reader.next(one);) continue;
    CHECK(reader.ok());
  }
}

TEST_CASE("without other names a group's data stay as they are, to the byte") {
  const Container master = shown(10, R"("members": ["a", "a"], "n":1.0)");
  const Principals none;
  CHECK(wanted_data(group, master, nullptr) == master.data);
  CHECK(wanted_data(group, master, &none) == master.data);
  // Nor do collections and buckets have members.
  const Principals names = renamed();
  const Container other = shown(10, R"("members":["bob"])");
  CHECK(wanted_data(collection, other, &names) == other.data);
  CHECK(wanted_data(container("b"), other, &names) == other.data);
}

TEST_CASE("a group that was made without members equals one that has none") {
  CHECK(wanted_data(group, shown(10, R"("n":1)"), nullptr) ==
        R"({"members":[],"id":"x","last_modified":10,"n":1})");
  const ContainerPlan equal =
      plan(group, shown(10, R"("n":1)"), shown(10, R"("members":[],"n":1)"));
  CHECK_FALSE(equal.write);
  CHECK(equal.differences.empty());
  CHECK(plan(group, shown(10), shown(10, R"("members":["a"])")).differences == Kinds{Kind::data});
  // Members in another order are another value.
  CHECK(plan(group, shown(10, R"("members":["a","b"])"), shown(10, R"("members":["b","a"])"))
            .differences == Kinds{Kind::data});
}

TEST_CASE("the settings are what the options say, and readers are meant for collections") {
  Options options;
  options.metadata = Metadata::create;
  options.readers = {"system.Everyone", "a", "a"};
  options.principals["x"] = "y";
  const ContainerSettings settings = ContainerSettings::of(options, "account:mirror");
  CHECK(settings.metadata == Metadata::create);
  CHECK(settings.lists.permissions == Permissions::keep);
  CHECK(settings.lists.readers == std::set<std::string>{"a", "system.Everyone"});
  CHECK(settings.lists.principals == &options.principals);
  CHECK(settings.lists.own_user == "account:mirror");
  CHECK(settings.needs_lists(ContainerKind::collection));
  CHECK_FALSE(settings.needs_lists(ContainerKind::bucket));
  CHECK_FALSE(settings.needs_lists(ContainerKind::group));
  options.readers.clear();
  for (const Permissions one : {Permissions::keep, Permissions::read, Permissions::copy}) {
    options.permissions = one;
    const ContainerSettings with = ContainerSettings::of(options, "");
    for (const auto kind :
         {ContainerKind::bucket, ContainerKind::group, ContainerKind::collection}) {
      CHECK(with.needs_lists(kind) == (one != Permissions::keep));
    }
  }
}

}  // namespace kinto_mirror::sync
