// Which of the master's tombstones ask for a deletion on the replica.
#include "sync/tree/deletions.hpp"
#include "sync/tree/test_tree.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::container;
using test::Names;
using test::shown;
using test::tombstone;

using Side = std::map<std::string, std::int64_t>;  // stamps; below 0: a tombstone's

Containers containers(const Side& side) {
  Containers out;
  for (const auto& [name, stamp] : side) {
    out[container(name)] = stamp < 0 ? tombstone(-stamp) : shown(stamp);
  }
  return out;
}

struct Asked {
  Side master_buckets;
  Side master;
  Side replica;
  Names scope = {"*/*"};
  std::set<std::string> known = {};
  bool groups = true;
};

// "b/collections/c at 9, b at 9; extra b/groups/g"
std::string due(const Asked& asked) {
  Tree master;
  master.containers = containers(asked.master);
  Tree replica;
  replica.containers = containers(asked.replica);
  const Containers buckets;
  const Scope scope(asked.scope);
  DeletionView view{master, replica, buckets, scope, {}};
  view.known = [&asked](const ContainerId& id) { return asked.known.contains(id.str()); };
  std::vector<ContainerId> extras;
  std::string out;
  for (const Deletion& one :
       deletions_due(view, containers(asked.master_buckets), asked.groups, extras)) {
    out += (out.empty() ? "" : ", ") + one.id.str() + " at " + std::to_string(one.tombstone.ms);
    CHECK(one.present.ms == asked.replica.at(one.id.str()));
  }
  for (const ContainerId& id : extras) out += (out.empty() ? "" : "; ") + ("extra " + id.str());
  return out;
}

}  // namespace

TEST_CASE("a tombstone of the master deletes what the replica has of it, and nothing else does") {
  const std::string c = "b/collections/c";
  struct Case {
    std::string what;
    Asked asked;
    std::string due;
  };
  for (const Case& one : {
           Case{"a collection", {{}, {{c, -9}}, {{c, 5}}}, c + " at 9"},
           Case{"a group", {{}, {{"b/groups/g", -9}}, {{"b/groups/g", 5}}}, "b/groups/g at 9"},
           Case{"alive on the master", {{}, {{c, 9}}, {{c, 5}}}, ""},
           Case{"not shown by the master", {{}, {}, {{c, 5}}}, ""},
           Case{"gone here too", {{}, {{c, -9}}, {{c, -5}}}, ""},
           Case{"never here", {{}, {{c, -9}}, {}}, ""},
           Case{"of the same name, and another kind", {{}, {{"b/groups/c", -9}}, {{c, 5}}}, ""},
           Case{"of the same name, in another bucket",
                {{}, {{"a/collections/c", -9}}, {{c, 5}}},
                ""},
           Case{"groups are not followed",
                {{}, {{"b/groups/g", -9}}, {{"b/groups/g", 5}}, {"*/*"}, {}, false},
                ""},
           Case{"out of scope", {{}, {{c, -9}}, {{c, 5}}, {"b/d", "*/*", "!b/c"}}, ""},
           Case{"in scope by its name", {{}, {{c, -9}}, {{c, 5}}, {"b/c"}}, c + " at 9"},
       }) {
    CAPTURE(one.what);
    CHECK(due(one.asked) == one.due);
  }
}

TEST_CASE("what is newer than the tombstone is the replica's own, unless it was replicated") {
  const std::string c = "b/collections/c";
  CHECK(due({{}, {{c, -9}}, {{c, 9}}}) == c + " at 9");
  CHECK(due({{}, {{c, -9}}, {{c, 10}}}) == "extra " + c);
  CHECK(due({{}, {{c, -9}}, {{c, 10}}, {"*/*"}, {c}}) == c + " at 9");
  CHECK(due({{{"b", -9}}, {}, {{"b", 5}, {c, 10}}}) == "b at 9; extra " + c);
}

TEST_CASE("a bucket's tombstone takes along what is in scope below it, itself at last") {
  const std::string c = "b/collections/c";
  const std::string g = "b/groups/g";
  struct Case {
    std::string what;
    Asked asked;
    std::string due;
  };
  for (const Case& one : {
           Case{"all of it",
                {{{"b", -9}}, {}, {{"b", 5}, {g, 6}, {c, 7}}},
                "b/groups/g at 9, b/collections/c at 9, b at 9"},
           Case{"a tombstone of its own counts more",
                {{{"b", -9}}, {{c, -8}}, {{"b", 5}, {c, 7}}},
                c + " at 8, b at 9"},
           Case{"groups are not followed",
                {{{"b", -9}}, {}, {{"b", 5}, {g, 6}}, {"*/*"}, {}, false},
                "b at 9"},
           Case{"it is alive", {{{"b", 9}}, {}, {{"b", 5}, {c, 7}}}, ""},
           Case{"it is not shown, which is no proof", {{}, {}, {{"b", 5}, {c, 7}}}, ""},
           Case{"another is gone", {{{"a", -9}}, {}, {{"b", 5}, {c, 7}}}, ""},
           Case{"a part is in scope: it holds a collection that is",
                {{{"b", -9}}, {}, {{"b", 5}, {c, 7}, {"b/collections/d", 7}}, {"b/c"}},
                c + " at 9, b at 9"},
           Case{"nothing of it is in scope",
                {{{"b", -9}}, {}, {{"b", 5}, {"b/collections/d", 7}}, {"b/c"}},
                ""},
           Case{"it is empty here, and covered", {{{"b", -9}}, {}, {{"b", 5}}, {"b/*"}}, "b at 9"},
           Case{"it is empty here, and a part was meant",
                {{{"b", -9}}, {}, {{"b", 5}}, {"b/c"}},
                ""},
           Case{
               "never the daemon's own, nor `default`",
               {{{"kinto-mirror", -9}, {"default", -9}}, {}, {{"kinto-mirror", 5}, {"default", 5}}},
               ""},
       }) {
    CAPTURE(one.what);
    CHECK(due(one.asked) == one.due);
  }
}

TEST_CASE("a bucket that was made here behind the tombstone of its id is the replica's own") {
  CHECK(due({{{"b", -9}}, {}, {{"b", 10}}}) == "extra b");
  CHECK(due({{{"b", -9}}, {}, {{"b", 9}}}) == "b at 9");
  // With something in it that was replicated it is the master's, and was written to here.
  const std::string c = "b/collections/c";
  CHECK(due({{{"b", -9}}, {}, {{"b", 10}, {c, 5}}}) == c + " at 9, b at 9");
  CHECK(due({{{"b", -9}}, {}, {{"b", 10}, {c, 10}}, {"*/*"}, {c}}) == c + " at 9, b at 9");
  CHECK(due({{{"b", -9}}, {}, {{"b", 10}, {c, 10}}}) == "extra " + c + "; extra b");
}

}  // namespace kinto_mirror::sync
