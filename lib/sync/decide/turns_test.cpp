#include "sync/decide/turns.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

Instant at_ms(std::int64_t ms) {
  return Instant{Millis{ms}};
}

}  // namespace

TEST_CASE("a round asks after a part of many, and after all of few") {
  struct Row {
    std::size_t count;
    Turn turn;
    std::size_t size;
  };
  const Millis five{5'000};
  const std::vector<Row> rows{
      {1'000, {five, five, 14}, 100},
      {1'000, {five, Millis{10'000}, 14}, 200},  // the last one was late
      {1'000, {five, Millis{0}, 14}, 100},
      {20, {five, five, 22}, 20},
      {100, {five, five, 22}, 22},
      {0, {five, five, 22}, 0},
      {5, {five, five, 0}, 1},
      {1'000, {Millis{30'000}, Millis{30'000}, 14}, 1'000},
      {1'000, {Millis{60'000}, Millis{60'000}, 0}, 1'000},
      {1'000, {Millis{3'600'000}, Millis{3'600'000}, 0}, 1'000},
      {1'000, {five, at_ms(1'000'000'000) - Instant{}, 0}, 1'000},  // the first round
  };
  for (const Row& row : rows) {
    CAPTURE(row.count);
    CAPTURE(row.turn.interval.count());
    CAPTURE(row.turn.passed.count());
    CHECK(turn_size(row.count, row.turn) == row.size);
  }
}

TEST_CASE("who was asked longest ago comes first") {
  const CollectionId a("b", "a");
  const CollectionId c("b", "c");
  const CollectionId d("b", "d");
  CHECK(take_turn({{at_ms(7), a}, {at_ms(5), d}, {at_ms(5), c}}, 2) == std::vector{c, d});
  CHECK(take_turn({{at_ms(7), a}}, 5) == std::vector{a});
  CHECK(take_turn({}, 5).empty());
}

TEST_CASE("each is asked within a minute, whatever the rounds take") {
  std::vector<std::pair<Instant, CollectionId>> asked;
  for (int i = 0; i < 997; ++i) asked.emplace_back(at_ms(0), CollectionId("b", std::to_string(i)));
  Instant now = at_ms(0);
  Millis passed{5'000};
  Millis longest{};
  for (int round = 0; round < 400; ++round) {
    for (const CollectionId& id :
         take_turn(asked, turn_size(asked.size(), {Millis{5'000}, passed, 0}))) {
      auto& [when, whose] =
          *std::ranges::find(asked, id, &std::pair<Instant, CollectionId>::second);
      if (round > 30) longest = std::max(longest, now - when);
      when = now;
    }
    passed = Millis{5'000 + round % 5 * 600};
    now += passed;
  }
  CHECK(longest > Millis{40'000});
  CHECK(longest <= Millis{60'000});
}

}  // namespace kinto_mirror::sync
