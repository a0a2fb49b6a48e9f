// extras = delete: the replica holds what the master holds, and nothing else.
#include "selftest/doctest.hpp"
#include "selftest/scenarios/anchors.hpp"
#include "selftest/world.hpp"

namespace kinto_mirror::selftest {

void anchor_exact_mirror() {}

TEST_CASE_FIXTURE(World, "exact-mirror") {
  const std::vector<Record> records = random.records(20);
  publish(records);
  sync::Options exact = options();
  exact.extras = sync::Extras::remove;
  CHECK(pass(exact).outcome == "in-sync");

  replica.put(id, random.records(5));
  Record changed = random.record();
  changed.id = records[3].id;
  replica.put(id, changed);
  REQUIRE(replica.contents(id).size() == 25);

  const Pass repaired = pass(exact);
  CHECK(repaired.outcome == "in-sync");
  CHECK(repaired.report.written.deleted == 5);
  CHECK(difference() == "");
  CHECK(pass(exact).written() == "");
  CHECK(master.contents(id).size() == 20);
}

TEST_CASE_FIXTURE(World, "brake") {
  publish(random.records(5));
  sync::Options exact = options();
  exact.extras = sync::Extras::remove;
  CHECK(pass(exact).outcome == "in-sync");
  replica.put(id, random.records(30));

  const Pass braked = pass(exact);
  CHECK(braked.outcome == "brake");
  CHECK(braked.report.written.deleted == 0);
  REQUIRE(braked.report.brake);
  CHECK(braked.report.brake->would_delete == 30);
  CHECK(replica.contents(id).size() == 35);

  exact.max_delete.percent = true;
  exact.max_delete.value = 100;
  const Pass allowed = pass(exact);
  CHECK(allowed.outcome == "in-sync");
  CHECK(allowed.report.written.deleted == 30);
  CHECK(difference() == "");
}

}  // namespace kinto_mirror::selftest
