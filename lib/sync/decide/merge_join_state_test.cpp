// What a merge-join keeps and counts while it goes.
#include "sync/decide/test_walk.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::Listed;
using test::live;
using test::row_of;
using test::text_of;
using test::texts_of;
using test::tombstone;
using test::walk;

using Listing = std::vector<Listed>;
using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a replica that repeats a stamp is known by it") {
  MergeJoin once(100);
  walk(once, {}, {live("a", 1), live("b", 2)});
  CHECK_FALSE(once.replica_repeats_stamps());
  MergeJoin twice(100);
  walk(twice, {}, {live("a", 1), live("b", 2), tombstone("c", 2)});
  CHECK(twice.replica_repeats_stamps());
}

TEST_CASE("differences come settled, in the master's order, with their places") {
  MergeJoin join(100);
  join.master(test::row_of(live("a", 1)));
  CHECK(join.settled() == 0);  // its equal may still come
  join.replica(test::row_of(live("a", 1)));
  join.master(test::row_of(live("b", 2)));
  join.master(test::row_of(tombstone("t", 3)));
  CHECK(join.settled() == 1);
  join.master(test::row_of(live("c", 3)));
  join.master(test::row_of(live("d", 4)));
  const auto first = join.take();
  REQUIRE(first.size() == 2);
  CHECK(texts_of(first) == Texts{"+b@2", "+c@3"});
  CHECK(first[0].ordinal == 2);
  CHECK(first[1].ordinal == 4);
  CHECK(join.settled() == 0);
  join.finish();
  const auto rest = join.take();
  REQUIRE(rest.size() == 1);
  CHECK(text_of(rest[0]) == "+d@4");
  CHECK(rest[0].ordinal == 5);
}

TEST_CASE("the master's bytes travel with the difference") {
  MergeJoin join(100);
  std::string bytes = R"({"id":"a","last_modified":1,"n":1.0})";
  const Listed listed = live("a", 1);
  Row row = test::row_of(listed);
  row.record = bytes;
  join.master(row);
  bytes.assign(bytes.size(), '?');  // the page is gone
  join.finish();
  CHECK(join.take().front().record == R"({"id":"a","last_modified":1,"n":1.0})");
}

TEST_CASE("live records are counted on either side, tombstones are not") {
  MergeJoin join(100);
  walk(join, {live("a", 1), tombstone("b", 2), live("c", 3)},
       {live("a", 1), live("x", 2), tombstone("y", 3), live("z", 4)});
  CHECK(join.master_live() == 2);
  CHECK(join.replica_live() == 3);
}

TEST_CASE("what does not fit into memory is met all the same, and never taken for equal") {
  MergeJoin join(3);
  Listing master;
  Listing replica;
  for (int i = 0; i < 10; ++i) {
    replica.push_back(live("r" + std::to_string(i), i));
    master.push_back(live("r" + std::to_string(i), 100 + i));
  }
  walk(join, master, replica);
  const auto differences = join.take();
  CHECK(differences.size() == 10);
  CHECK(std::ranges::count_if(differences, [](const Difference& difference) {
          return difference.replica.has_value();
        }) == 10);
  CHECK(join.extras().empty());
  CHECK(join.extras_not_held() == 0);
  CHECK(join.same() == 0);
}

TEST_CASE("what does not fit into memory is met by its tombstone all the same") {
  MergeJoin join(1);
  walk(join, {tombstone("a", 10), tombstone("b", 11), tombstone("c", 12)},
       {live("a", 4), live("b", 5), live("x", 6)});
  const auto differences = join.take();
  CHECK(texts_of(differences) == Texts{"-a@10(4)", "-b@11(1)"});
  CHECK(differences.back().replica == not_held);
  CHECK(join.extras().empty());
  CHECK(join.extras_not_held() == 1);
}

TEST_CASE("of many records with one stamp only some keep their bytes") {
  MergeJoin join(100);
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < MergeJoin::max_bodies + 5; ++i) ids.push_back(std::to_string(i));
  for (const std::string& id : ids) {
    Row row;
    row.id = id;
    row.stamp = Stamp{7};
    row.record = "{}";
    join.master(row);
  }
  join.finish();
  const auto differences = join.take();
  CHECK(differences.size() == ids.size());
  CHECK(std::ranges::count_if(differences, [](const Difference& difference) {
          return difference.record.empty();
        }) == 5);
}

TEST_CASE("an extra that was dealt with is forgotten") {
  MergeJoin join(100);
  walk(join, {}, {live("x", 1), live("y", 2)});
  join.forget_extra("x");
  CHECK(join.extras().size() == 1);
  CHECK(join.extras().contains("y"));
}

TEST_CASE("what the replica has had since then, and the master still has, is counted") {
  MergeJoin join(10, Stamp{5});
  walk(join, {live("same", 4), live("changed", 8), tombstone("gone", 9), live("new", 10)},
       {live("changed", 1), live("gone", 2), live("lost", 3), live("same", 4), live("new", 10)});
  CHECK(join.survivors() == 2);
  MergeJoin flushed(10, Stamp{5});
  walk(flushed, {live("new", 10)}, {live("lost", 3), live("new", 10)});
  CHECK(flushed.survivors() == 0);
}

TEST_CASE("a row that is newer than the walk is no difference, and its older version no extra") {
  for (const std::size_t held : {10U, 0U}) {  // in memory, or as a hash only
    CAPTURE(held);
    MergeJoin join(held, Stamp{5});
    for (const Listed& row : {live("changed", 4), live("gone", 5), live("x", 6)}) {
      join.replica(test::row_of(row));
    }
    join.overtaken(test::row_of(live("changed", 20)));
    join.overtaken(test::row_of(tombstone("gone", 21)));
    join.overtaken(test::row_of(live("new", 22)));
    join.replica_ended();
    join.finish();
    CHECK(join.take().empty());
    CHECK(join.extras().size() + static_cast<std::size_t>(join.extras_not_held()) == 1);
    CHECK(join.master_live() == 2);
    CHECK(join.lost() == 0);
    if (held > 0) {
      CHECK(join.extras().contains("x"));
      CHECK(join.survivors() == 1);  // "changed": the master still has it
    }
  }
}

TEST_CASE("what the replica has of a row that is newer than the walk is no extra later either") {
  MergeJoin join(10, Stamp{5});
  join.overtaken(test::row_of(live("brought", 20)));
  join.overtaken(test::row_of(live("drifted", 21)));
  // Another daemon has brought the one, the other's stamp is wrong.
  join.replica(test::row_of(live("brought", 20)));
  join.replica(test::row_of(live("drifted", 30)));
  join.replica(test::row_of(live("x", 31)));
  join.replica_ended();
  join.finish();
  CHECK(join.take().empty());
  CHECK(join.extras().size() == 1);
  CHECK(join.extras().contains("x"));
  CHECK(join.same() == 0);  // they were not compared
  CHECK(join.found_later() == 0);
}

TEST_CASE("a row of the replica is told from what came before") {
  MergeJoin join(10);
  join.master(row_of(live("same", 10)));
  CHECK(join.replica(row_of(live("same", 10))) == Met::same);
  CHECK(join.replica(row_of(live("older", 11))) == Met::nothing);
  join.master(row_of(live("older", 12)));
  join.master(row_of(live("newer", 13)));
  CHECK(join.replica(row_of(live("newer", 14))) == Met::later);
  CHECK(join.replica(row_of(tombstone("gone", 15))) == Met::nothing);
}

TEST_CASE("where bodies count, one stamp and other bytes are to be looked at") {
  const auto row = [](std::string_view id, std::int64_t stamp, std::string_view record) {
    Row out;
    out.id = id;
    out.stamp = Stamp{stamp};
    out.record = record;
    return out;
  };
  MergeJoin join(10, Stamp{}, true);
  join.master(row("a", 1, "{1}"));
  join.master(row("b", 1, "{2}"));
  CHECK(join.replica(row("a", 1, "{1}")) == Met::same);
  CHECK(join.replica(row("b", 1, "{3}")) == Met::nothing);
  join.finish();
  const std::vector<Difference> found = join.take();
  REQUIRE(found.size() == 1);
  CHECK(found[0].change.id == "b");
  CHECK(found[0].spelled_otherwise);
  CHECK(found[0].record == "{2}");
  CHECK(found[0].of_replica == "{3}");
  CHECK(join.same() == 1);
  CHECK(join.extras().empty());
}

TEST_CASE("bodies of which too many share a stamp are to be read again") {
  MergeJoin join(10, Stamp{}, true);
  const auto count = static_cast<std::int64_t>(MergeJoin::max_bodies) + 1;
  const auto row = [](const std::string& id) {
    Row out;
    out.id = id;
    out.stamp = Stamp{5};
    out.record = "{}";
    return out;
  };
  for (std::int64_t i = 0; i < count; ++i) join.master(row(std::to_string(i)));
  for (std::int64_t i = 0; i < count; ++i) join.replica(row(std::to_string(i)));
  join.finish();
  const std::vector<Difference> found = join.take();
  REQUIRE(found.size() == 1);
  CHECK(found[0].spelled_otherwise);
  CHECK(found[0].of_replica.empty());
  CHECK(join.same() == count - 1);
}

TEST_CASE("what is not held may be of a former life all the same") {
  MergeJoin join(1);
  CHECK_FALSE(join.has_extras());
  join.replica(row_of(live("a", 10)));
  CHECK(join.has_extras());
  CHECK_FALSE(join.not_held_up_to(Stamp{1'000}));
  join.replica(row_of(live("x", 20)));
  join.replica(row_of(live("y", 30)));
  CHECK_FALSE(join.not_held_up_to(Stamp{19}));
  CHECK(join.not_held_up_to(Stamp{20}));
  // The one that is held meets its counterpart: the others are extras still.
  join.master(row_of(live("a", 40)));
  CHECK(join.extras().empty());
  CHECK(join.has_extras());
  join.master(row_of(live("x", 41)));
  CHECK(join.not_held_up_to(Stamp{20}));  // no longer true, and harmless
  join.master(row_of(live("y", 42)));
  CHECK_FALSE(join.has_extras());
  CHECK_FALSE(join.not_held_up_to(Stamp{1'000}));
}

}  // namespace kinto_mirror::sync
