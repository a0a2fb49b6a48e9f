// Others are at work while a pass runs.
#include "selftest/doctest.hpp"
#include "selftest/scenarios/anchors.hpp"
#include "selftest/tap.hpp"
#include "selftest/world.hpp"

#include <string_view>

namespace kinto_mirror::selftest {

void anchor_interference() {}

namespace {

bool writes_records(const http::Request& request) {
  for (const std::string& write : writes_of(request)) {
    if (write.find("/records/") != std::string::npos) return true;
  }
  return false;
}

// An update, a delete and a create on the master.
void edit(World& world, const Record& changed, const Record& removed) {
  Record renewed = world.random.record();
  renewed.id = changed.id;
  world.master.put(world.id, renewed);
  world.master.remove(world.id, removed);
  world.master.put(world.id, world.random.record());
}

}  // namespace

TEST_CASE_FIXTURE(World, "edited-during-a-pass") {
  const std::vector<Record> records = random.records(scale(30, 10));
  publish(records);
  const std::size_t count = records.size();

  // Once while the master is being read: after the first page, before the second.
  int pages = 0;
  Taps while_reading;
  while_reading.page_limit = static_cast<std::int64_t>(count / 3);
  while_reading.master = [&](const http::Request& request, Stop&) {
    if (lists_records(request) && ++pages == 2) edit(*this, records[0], records[1]);
  };
  const Pass first = pass(options(), while_reading);
  CHECK(pages >= 2);
  if (first.outcome == "in-sync") CHECK(difference() == "");
  CHECK(pass().outcome == "in-sync");
  CHECK(difference() == "");

  // Once between reading and writing.
  edit(*this, records[2], records[3]);
  bool edited = false;
  Taps before_writing;
  before_writing.replica = [&](const http::Request& request, Stop&) {
    if (edited || !writes_records(request)) return;
    edited = true;
    edit(*this, records[2], records[4]);
  };
  static_cast<void>(pass(options(), before_writing));
  CHECK(edited);
  CHECK(pass().outcome == "in-sync");
  CHECK(difference() == "");
  CHECK(replica.contents(id).size() == count);
  CHECK(pass().written() == "");
}

TEST_CASE_FIXTURE(World, "two-mirrors-at-once") {
  const std::vector<Record> records = random.records(scale(60));
  publish(records);

  // The second does all of it when the first has read everything and is about to write.
  Pass second;
  Taps taps;
  taps.replica = [&](const http::Request& request, Stop&) {
    if (second.outcome.empty() && writes_records(request)) second = pass();
  };
  const Pass first = pass(options(), taps);
  CHECK(first.outcome == "in-sync");
  CHECK(second.outcome == "in-sync");
  CHECK(second.report.written.created == static_cast<std::int64_t>(records.size()));
  CHECK(first.report.written.created == 0);
  CHECK(first.report.written.updated == 0);
  CHECK(difference() == "");
  CHECK(pass().written() == "");
}

}  // namespace kinto_mirror::selftest
