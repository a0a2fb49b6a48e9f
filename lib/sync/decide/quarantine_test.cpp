#include "sync/decide/quarantine.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

constexpr Instant start{Millis(1'000'000)};

Refusal refusal(std::string id, std::int64_t stamp) {
  Refusal out;
  out.id = std::move(id);
  out.stamp = Stamp{stamp};
  out.status = 400;
  return out;
}

// The wait that the quarantine of "a" sets, to the second.
Millis wait_of(const Quarantine& quarantine, Instant since) {
  for (Millis wait{0}; wait <= Millis(7'200'000); wait += Millis(1000)) {
    if (!quarantine.due(since + wait).empty()) return wait;
  }
  return Millis(-1);
}

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("this very version is set aside, no other") {
  Quarantine quarantine;
  quarantine.refused(refusal("a", 5), start);
  CHECK(quarantine.holds("a", Stamp{5}));
  CHECK_FALSE(quarantine.holds("a", Stamp{6}));
  CHECK_FALSE(quarantine.holds("b", Stamp{5}));
}

TEST_CASE("the next try comes later each time, from a minute to an hour") {
  Quarantine quarantine;
  std::vector<std::int64_t> minutes;
  for (int i = 0; i < 9; ++i) {
    quarantine.refused(refusal("a", 5), start);
    minutes.push_back(wait_of(quarantine, start).count() / 60'000);
  }
  CHECK(minutes == std::vector<std::int64_t>{1, 2, 4, 8, 16, 32, 60, 60, 60});
}

TEST_CASE("a new version begins anew") {
  Quarantine quarantine;
  for (int i = 0; i < 5; ++i) quarantine.refused(refusal("a", 5), start);
  quarantine.refused(refusal("a", 6), start);
  CHECK(wait_of(quarantine, start) == Millis(60'000));
  CHECK(quarantine.size() == 1);
}

TEST_CASE("all are told by id, with the time of the first refusal of any version") {
  Quarantine quarantine;
  quarantine.refused(refusal("b", 5), start);
  quarantine.refused(refusal("a", 5), start + Millis{1});
  quarantine.refused(refusal("b", 6), start + Millis{2});
  quarantine.replace({refusal("a", 5), refusal("b", 6), refusal("c", 7)}, start + Millis{3});
  const auto all = quarantine.all();
  REQUIRE(all.size() == 3);
  CHECK(all[0].refusal.id == "a");
  CHECK(all[0].tries == 2);
  CHECK(all[0].since == start + Millis{1});
  CHECK(all[1].refusal.stamp == Stamp{6});
  CHECK(all[1].since == start);
  CHECK(all[1].next > start);
  CHECK(all[2].since == start + Millis{3});
}

TEST_CASE("what is due is told in order, at its time and not before") {
  Quarantine quarantine;
  quarantine.refused(refusal("b", 1), start);
  quarantine.refused(refusal("a", 1), start);
  quarantine.refused(refusal("c", 1), start + Millis(1));
  CHECK(quarantine.due(start + Millis(59'999)).empty());
  CHECK(quarantine.due(start + Millis(60'000)) == Ids{"a", "b"});
  CHECK(quarantine.due(start + Millis(60'001)) == Ids{"a", "b", "c"});
}

TEST_CASE("what is settled is no longer held") {
  Quarantine quarantine;
  quarantine.refused(refusal("a", 5), start);
  quarantine.settled("a");
  quarantine.settled("never heard of");
  CHECK(quarantine.size() == 0);
  CHECK_FALSE(quarantine.holds("a", Stamp{5}));
}

TEST_CASE("an audit's refusals are all there are, and keep their tries") {
  Quarantine quarantine;
  quarantine.refused(refusal("a", 5), start);
  quarantine.refused(refusal("b", 5), start);
  std::vector<Refusal> found;
  found.push_back(refusal("a", 5));
  found.push_back(refusal("c", 5));
  quarantine.replace(std::move(found), start);
  CHECK(quarantine.size() == 2);
  CHECK_FALSE(quarantine.holds("b", Stamp{5}));
  CHECK(quarantine.due(start + Millis(60'000)) == Ids{"c"});
  CHECK(quarantine.due(start + Millis(120'000)) == Ids{"a", "c"});
  quarantine.replace({}, start);
  CHECK(quarantine.size() == 0);
}

TEST_CASE("a bounded number is held, and those go on being counted up") {
  Quarantine quarantine;
  for (std::size_t i = 0; i < Quarantine::max_held + 5; ++i) {
    quarantine.refused(refusal("r" + std::to_string(i), 1), start);
  }
  CHECK(quarantine.size() == Quarantine::max_held);
  CHECK_FALSE(quarantine.holds("r1004", Stamp{1}));
  quarantine.refused(refusal("r0", 2), start);
  CHECK(quarantine.holds("r0", Stamp{2}));
}

TEST_CASE("what the replica lacks is what it has no version of, while all of it is held") {
  Quarantine quarantine;
  CHECK(quarantine.lacking() == 0);
  Refusal create = refusal("a", 5);
  create.lacking = true;
  quarantine.refused(create, start);
  quarantine.refused(refusal("an update", 6), start);
  CHECK(quarantine.lacking() == 1);
  for (std::size_t i = 0; i < Quarantine::max_held; ++i) {
    quarantine.refused(refusal("r" + std::to_string(i), 1), start);
  }
  CHECK_FALSE(quarantine.lacking());
}

}  // namespace kinto_mirror::sync
