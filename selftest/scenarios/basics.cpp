// What replication is for: records that the master gains, changes and loses.
#include "selftest/doctest.hpp"
#include "selftest/scenarios/anchors.hpp"
#include "selftest/world.hpp"

namespace kinto_mirror::selftest {

void anchor_basics() {}

TEST_CASE_FIXTURE(World, "mission") {
  const std::vector<Record> own = random.records(10);
  replica.create(id);
  replica.put(id, own);
  const Contents own_before = replica.contents(id);
  pause();
  const std::vector<Record> published = random.records(5);
  publish(published);

  const Pass first = pass();
  CHECK(first.outcome == "in-sync");
  CHECK(first.report.written.created == 5);
  CHECK(master.contents(id).size() == 5);
  CHECK(replica.contents(id).size() == 15);
  CHECK(selftest::difference(master.contents(id), without(replica.contents(id), own)) == "");
  CHECK(selftest::difference(own_before, without(replica.contents(id), published)) == "");

  const Pass second = pass();
  CHECK(second.outcome == "in-sync");
  CHECK(second.written() == "");
  CHECK(master.contents(id).size() == 5);
  CHECK(replica.contents(id).size() == 15);
}

TEST_CASE_FIXTURE(World, "update-delete-recreate") {
  const std::vector<Record> records = random.records(6);
  publish(records);
  CHECK(pass().outcome == "in-sync");
  REQUIRE(difference() == "");

  const auto renewed = [&](std::size_t index) {
    Record record = random.record();
    record.id = records[index].id;
    return record;
  };
  master.put(id, renewed(0));
  master.remove(id, records[1]);
  master.remove(id, records[2]);  // comes back with another body
  master.put(id, renewed(2));
  master.remove(id, records[3]);  // comes back as it was
  master.put(id, records[3]);
  master.put(id, random.record());

  const Pass second = pass();
  CHECK(second.outcome == "in-sync");
  CHECK(second.report.written.deleted == 1);
  CHECK(second.report.written.created == 1);
  CHECK(second.report.written.updated == 3);
  CHECK(difference() == "");
  CHECK(replica.contents(id).size() == 6);
  CHECK(pass().written() == "");
}

TEST_CASE_FIXTURE(World, "faithful-copies") {
  std::vector<Record> records;
  records.reserve(15);
  for (int i = 0; i < 12; ++i) records.push_back(random.rich_record());
  // Ids at the edges of what Kinto allows, and one that spoils a batch that it is part of.
  for (const char* special : {"0", "A-b_C", "batch-1"}) {
    records.push_back(random.rich_record());
    records.back().id = special;
  }
  master.create(id, R"({"displayFields":["title"],"sort":"-title","note":{"a":[1,null]}})");
  master.put(id, records);

  CHECK(pass().outcome == "in-sync");
  CHECK(difference() == "");
  CHECK(replica.contents(id).size() == records.size());
  CHECK(replica.attributes(id) == master.attributes(id));
  CHECK(pass().written() == "");
}

TEST_CASE_FIXTURE(World, "check-agrees") {
  sync::Options check = options();
  check.dry_run = true;
  const std::vector<Record> records = random.records(10);
  publish(records);

  const Pass before = pass(check);
  CHECK(before.outcome == "different");
  CHECK(before.report.found.missing == 10);
  CHECK(before.written() == "");
  CHECK(before.checkpoint_writes.empty());
  CHECK_FALSE(replica.exists(id));

  CHECK(pass().outcome == "in-sync");
  const Pass between = pass(check);
  CHECK(between.outcome == "in-sync");
  CHECK(between.report.same == 10);
  CHECK(between.written() == "");

  Record changed = random.record();
  changed.id = records[0].id;
  master.put(id, changed);
  master.remove(id, records[1]);
  master.put(id, random.record());
  const Contents untouched = replica.contents(id);
  const Pass after = pass(check);
  CHECK(after.outcome == "different");
  CHECK(after.report.found.differs == 1);
  CHECK(after.report.found.extra == 1);
  CHECK(after.report.found.missing == 1);
  CHECK(after.written() == "");
  CHECK(after.checkpoint_writes.empty());
  CHECK(selftest::difference(untouched, replica.contents(id)) == "");
}

}  // namespace kinto_mirror::selftest
