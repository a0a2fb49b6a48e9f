#include "sync/decide/merge_join.hpp"

#include "sync/decide/test_walk.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::Listed;
using test::live;
using test::texts_of;
using test::tombstone;
using test::walk;

using Listing = std::vector<Listed>;
using Texts = std::vector<std::string>;

Texts extras_of(const MergeJoin& join) {
  Texts out;
  for (const auto& [id, stamp] : join.extras()) out.push_back(id + "@" + std::to_string(stamp.ms));
  std::ranges::sort(out);
  return out;
}

struct Case {
  std::string what;
  Listing master;
  Listing replica;
  Texts differences;
  Texts extras;
  std::int64_t same;
  std::int64_t found_later = 0;
};

void check(const Case& c) {
  CAPTURE(c.what);
  MergeJoin join(100);
  walk(join, c.master, c.replica);
  CHECK(texts_of(join.take()) == c.differences);
  CHECK(extras_of(join) == c.extras);
  CHECK(join.same() == c.same);
  CHECK(join.found_later() == c.found_later);
}

}  // namespace

TEST_CASE("two listings give what is alike, what is to be written, and what is extra") {
  check({"both empty", {}, {}, {}, {}, 0});
  check({"alike", {live("a", 1), live("b", 2)}, {live("a", 1), live("b", 2)}, {}, {}, 2});
  check({"empty replica", {live("a", 1), live("b", 2)}, {}, {"+a@1", "+b@2"}, {}, 0});
  check({"empty master", {}, {live("a", 1), live("b", 2)}, {}, {"a@1", "b@2"}, 0});
  check({"missing in the middle",
         {live("a", 1), live("b", 2), live("c", 3)},
         {live("a", 1), live("c", 3)},
         {"+b@2"},
         {},
         2});
  check({"older on the replica", {live("a", 5)}, {live("a", 3)}, {"~a@5(3)"}, {}, 0});
  check({"newer on the replica: the guard of the create will meet it",
         {live("a", 5)},
         {live("a", 9)},
         {"+a@5"},
         {},
         0,
         1});
  check({"an extra between", {live("a", 1)}, {live("x", 0), live("a", 1)}, {}, {"x@0"}, 1});
}

TEST_CASE("the order of equal stamps is not relied on") {
  check({"two", {live("a", 5), live("b", 5)}, {live("b", 5), live("a", 5)}, {}, {}, 2});
  check({"one of three is missing",
         {live("a", 5), live("b", 5), live("c", 5)},
         {live("c", 5), live("a", 5)},
         {"+b@5!"},
         {},
         2});
  check(
      {"an extra of the same stamp", {live("a", 5)}, {live("x", 5), live("a", 5)}, {}, {"x@5"}, 1});
}

TEST_CASE("a stamp that another object of the replica has is known to be taken") {
  check({"by a record", {live("a", 5)}, {live("x", 5)}, {"+a@5!"}, {"x@5"}, 0});
  check({"by a tombstone", {live("a", 5)}, {tombstone("x", 5)}, {"+a@5!"}, {}, 0});
  check({"not by one beside it",
         {live("a", 5)},
         {live("x", 4), live("y", 6)},
         {"+a@5"},
         {"x@4", "y@6"},
         0});
  check({"of an older record",
         {live("a", 5)},
         {live("a", 3), live("x", 5)},
         {"~a@5(3)!"},
         {"x@5"},
         0});
  check({"of no matter to a tombstone",
         {tombstone("a", 5)},
         {live("a", 3), live("x", 5)},
         {"-a@5(3)"},
         {"x@5"},
         0});
}

TEST_CASE("of a replica that holds each stamp once, the rest stands at the next free ones") {
  check({"two equal stamps",
         {live("a", 5), live("b", 5)},
         {live("b", 5), live("a", 6)},
         {"+a@5!"},
         {},
         1,
         1});
  check({"pushed on",
         {live("a", 5), live("b", 5), live("c", 6)},
         {live("b", 5), live("a", 6), live("c", 7)},
         {"+a@5!", "+c@6!"},
         {},
         1,
         2});
}

TEST_CASE("a tombstone counts where its record lives on the replica, and nowhere else") {
  check({"nothing to delete", {tombstone("a", 5)}, {}, {}, {}, 0});
  check({"deleted on both", {tombstone("a", 5)}, {tombstone("a", 5)}, {}, {}, 0});
  check({"deleted on both, at other stamps", {tombstone("a", 5)}, {tombstone("a", 9)}, {}, {}, 0});
  check({"alive and older", {tombstone("a", 5)}, {live("a", 3)}, {"-a@5(3)"}, {}, 0});
  check({"alive at the same stamp", {tombstone("a", 5)}, {live("a", 5)}, {"-a@0(5)"}, {}, 0});
  check({"alive and newer", {tombstone("a", 5)}, {live("a", 9)}, {"-a@0(9)"}, {}, 0});
  check({"only the replica deleted it", {live("a", 5)}, {tombstone("a", 3)}, {"+a@5"}, {}, 0});
  check({"the replica deleted it later", {live("a", 5)}, {tombstone("a", 9)}, {"+a@5"}, {}, 0});
  check({"of the same stamp", {live("a", 5)}, {tombstone("a", 5)}, {"+a@5!"}, {}, 0});
  check({"a tombstone of its own is no extra", {}, {tombstone("a", 5)}, {}, {}, 0});
}

TEST_CASE("a record that moves while it is walked is seen twice, and ends right") {
  check({"the master wrote again: the second write meets the first",
         {live("a", 5), live("a", 9)},
         {},
         {"+a@5", "+a@9"},
         {},
         0});
  check({"the replica has the second",
         {live("a", 5), live("a", 9)},
         {live("a", 9)},
         {"+a@5"},
         {},
         1});
  check({"the master deleted it meanwhile: the delete comes with the next pass",
         {live("a", 5), tombstone("a", 9)},
         {},
         {"+a@5"},
         {},
         0});
  check({"deleted and made again",
         {tombstone("a", 5), live("a", 9)},
         {live("a", 3)},
         {"-a@5(3)", "+a@9"},
         {},
         0});
  check({"another daemon brought the new version",
         {live("a", 9)},
         {live("a", 3), live("a", 9)},
         {},
         {},
         1});
  check({"an extra moved", {}, {live("x", 3), live("x", 9)}, {}, {"x@9"}, 0});
}

}  // namespace kinto_mirror::sync
