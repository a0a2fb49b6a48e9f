// More records than go into one page or one batch.
#include "selftest/doctest.hpp"
#include "selftest/scenarios/anchors.hpp"
#include "selftest/tap.hpp"
#include "selftest/world.hpp"
#include "sync/write/closing_mark.hpp"

#include <algorithm>
#include <set>
#include <string>

namespace kinto_mirror::selftest {

void anchor_large() {}

namespace {

// How often is not asked: Kinto moves a stamp that equals its collection's own, and the engine then
// writes that record once more. The closing mark behind a load is no record.
std::set<std::string> records_written(const Pass& pass) {
  std::set<std::string> ids;
  for (const std::string& write : pass.replica_writes) {
    const std::size_t at = write.find("/records/");
    if (at == std::string::npos || write.ends_with(sync::closing_mark_id)) continue;
    ids.insert(write.substr(at));
  }
  return ids;
}

}  // namespace

TEST_CASE_FIXTURE(World, "more-than-a-page") {
  const std::int64_t count = scale(150, 10);
  const std::vector<Record> records = random.records(count);
  publish(records);
  Taps pages;
  pages.page_limit = std::max<std::int64_t>(3, count / 4 + 1);

  const Pass first = pass(options(), pages);
  CHECK(first.outcome == "in-sync");
  CHECK(first.report.written.created == count);
  CHECK(first.master_pages >= 4);
  CHECK(difference() == "");

  for (const std::size_t index : {std::size_t{0}, records.size() / 2, records.size() - 1}) {
    Record changed = random.record();
    changed.id = records[index].id;
    master.put(id, changed);
  }
  const Pass second = pass(options(), pages);
  CHECK(second.outcome == "in-sync");
  CHECK(second.report.written.updated == 3);
  CHECK(second.report.same == count - 3);
  CHECK(records_written(second).size() == 3);
  CHECK(difference() == "");
  CHECK(pass(options(), pages).written() == "");
}

TEST_CASE_FIXTURE(World, "resumed-pass") {
  const auto batch = static_cast<std::int64_t>(master.hello()->batch_max_requests);
  const std::int64_t count = scale(150, 6 * batch);
  publish(random.records(count));

  // The stop is asked for when the third batch goes out, which is still finished.
  int batches = 0;
  Taps stopping;
  stopping.replica = [&](const http::Request& request, Stop& stop) {
    if (request.body.find("/records/") != std::string::npos && ++batches == 3) stop.request();
  };
  const Pass first = pass(options(), stopping);
  CHECK(first.outcome != "in-sync");
  const auto held = static_cast<std::int64_t>(replica.contents(id).size());
  CHECK(held > 0);
  CHECK(held < count);

  const Pass second = pass();
  CHECK(second.outcome == "in-sync");
  CHECK(second.report.written.created == count - held);
  const std::set<std::string> written_first = records_written(first);
  const std::set<std::string> written_second = records_written(second);
  for (const std::string& twice : written_second) CHECK_FALSE(written_first.contains(twice));
  CHECK(static_cast<std::int64_t>(written_first.size() + written_second.size()) == count);
  CHECK(difference() == "");
  CHECK(pass().written() == "");
}

}  // namespace kinto_mirror::selftest
