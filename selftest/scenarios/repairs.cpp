// Somebody wrote to the replica.
#include "selftest/doctest.hpp"
#include "selftest/scenarios/anchors.hpp"
#include "selftest/world.hpp"

namespace kinto_mirror::selftest {

void anchor_repairs() {}

TEST_CASE_FIXTURE(World, "drifted-stamps") {
  const std::vector<Record> records = random.records(6);
  publish(records);
  CHECK(pass().outcome == "in-sync");
  REQUIRE(difference() == "");

  // Newer than the master's: the same body, written once more. Older: only a new record can be.
  pause();
  replica.put(id, records[0]);
  replica.remove(id, records[1]);
  Record older = records[1];
  older.body.insert(1, R"("last_modified":1000000000000,)");
  replica.put(id, older);
  REQUIRE(difference() != "");

  const Pass repaired = pass();
  CHECK(repaired.outcome == "in-sync");
  CHECK(repaired.report.written.updated == 2);
  CHECK(difference() == "");
  CHECK(pass().written() == "");
}

TEST_CASE_FIXTURE(World, "records-lost-by-the-replica") {
  const std::vector<Record> records = random.records(6);
  publish(records);
  CHECK(pass().outcome == "in-sync");
  replica.remove(id, records[0]);
  replica.remove(id, records[5]);
  Record changed = random.record();
  changed.id = records[2].id;
  replica.put(id, changed);

  const Pass repaired = pass();
  CHECK(repaired.outcome == "in-sync");
  CHECK(difference() == "");
  CHECK(replica.contents(id).size() == 6);
  CHECK(pass().written() == "");
}

}  // namespace kinto_mirror::selftest
