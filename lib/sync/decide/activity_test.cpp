#include "sync/decide/activity.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace kinto_mirror::sync {

namespace {

constexpr Rhythm rhythm{Millis{250}, Millis{5'000}};

Instant at_ms(std::int64_t ms) {
  return Instant{Millis{ms}};
}

// When it is looked at, in milliseconds since `begin`, while nothing comes.
std::vector<std::int64_t> looks(Activity activity, Instant begin, const Rhythm& with = rhythm) {
  std::vector<std::int64_t> out;
  while (const auto due = activity.due(with)) {
    out.push_back((*due - begin).count());
    activity.looked(*due);
  }
  return out;
}

}  // namespace

TEST_CASE("what never changed is asked after in the rounds alone") {
  Activity activity;
  CHECK_FALSE(activity.due(rhythm));
  activity.looked(at_ms(100));
  CHECK_FALSE(activity.due(rhythm));
}

TEST_CASE("after a change the looks come in the active rhythm, then ever more slowly") {
  Activity activity;
  activity.changed(at_ms(10'000), rhythm);
  const std::vector<std::int64_t> after_rest{250, 500, 750, 1'000, 1'500, 2'500, 4'500, 8'500};
  CHECK(looks(activity, at_ms(10'000)) == after_rest);
}

TEST_CASE("what changes again and again is looked at in the active rhythm for longer") {
  Activity activity;
  activity.changed(at_ms(0), rhythm);
  for (int i = 0; i < 3; ++i) activity.looked(at_ms(250 * (i + 1)));
  activity.changed(at_ms(1'000), rhythm);
  const std::vector<std::int64_t> found = looks(activity, at_ms(1'000));
  REQUIRE(found.size() == 20);
  CHECK(found[15] == 4'000);
  CHECK(found[16] == 4'500);
  CHECK(found.back() == 11'500);
  // At rest meanwhile: as the first time.
  Activity again = activity;
  for (const std::int64_t ms : found) again.looked(at_ms(1'000 + ms));
  CHECK_FALSE(again.due(rhythm));
  again.changed(at_ms(60'000), rhythm);
  CHECK(looks(again, at_ms(60'000)).size() == 8);
}

TEST_CASE("with the active rhythm at the interval the rounds are enough") {
  Activity activity;
  activity.changed(at_ms(0), {Millis{5'000}, Millis{5'000}});
  CHECK_FALSE(activity.due({Millis{5'000}, Millis{5'000}}));
  CHECK(looks(activity, at_ms(0), {Millis{100}, Millis{150}}) ==
        std::vector<std::int64_t>{100, 200, 300, 400});
}

}  // namespace kinto_mirror::sync
