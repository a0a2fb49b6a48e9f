// The engine as `run` drives it.
#include "selftest/doctest.hpp"
#include "selftest/scenarios/anchors.hpp"
#include "selftest/world.hpp"

#include <memory>

namespace kinto_mirror::selftest {

void anchor_following() {}

namespace {

// Far above what a change needs, also on a busy machine.
constexpr Millis bound{20'000};
constexpr Millis interval{100};

}  // namespace

TEST_CASE_FIXTURE(World, "follow") {
  const std::vector<Record> records = random.records(5);
  publish(records);
  sync::Options often = options();
  often.interval = interval;
  const std::unique_ptr<Mirror> mirror = follow(often);
  const auto equal = [this] { return replica.exists(id) && difference().empty(); };
  const auto arrives = [&] {
    const bool arrived = mirror->follows_until(equal, bound);
    INFO("trouble: ", mirror->trouble());
    CHECK(arrived);
    return arrived;
  };

  REQUIRE(arrives());
  CHECK(replica.contents(id).size() == 5);

  master.put(id, random.record());
  REQUIRE(arrives());
  CHECK(replica.contents(id).size() == 6);

  Record changed = random.record();
  changed.id = records[0].id;
  master.put(id, changed);
  REQUIRE(arrives());

  master.remove(id, records[1]);
  REQUIRE(arrives());
  CHECK(replica.contents(id).size() == 5);
}

// What a poll from the last known stamp cannot see, a comparison of everything does.
TEST_CASE_FIXTURE(World, "past-stamps") {
  const std::vector<Record> records = random.records(5);
  publish(records);
  CHECK(pass().outcome == "in-sync");

  Record old = random.record();
  old.body.insert(1, R"("last_modified":1000000000000,)");
  master.put(id, old);
  master.remove(id, records[0]);
  CHECK(pass().outcome == "in-sync");
  CHECK(difference() == "");

  // Below its own tombstone.
  Record back = random.record();
  back.id = records[0].id;
  back.body.insert(1, R"("last_modified":1000000000001,)");
  master.put(id, back);
  CHECK(pass().outcome == "in-sync");
  CHECK(difference() == "");
  CHECK(replica.contents(id).size() == 6);
  CHECK(pass().written() == "");
}

}  // namespace kinto_mirror::selftest
