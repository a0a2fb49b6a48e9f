#include "daemon/report_text.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

namespace {

std::string reason(std::size_t refused, std::int64_t waiting) {
  sync::CollectionReport report;
  report.state = sync::State::degraded;
  report.quarantined.resize(refused);
  report.waiting = waiting;
  return reason_text(report);
}

}  // namespace

TEST_CASE("what a pass refused, and what waits from earlier ones, is told apart") {
  CHECK(reason(2, 0) == "2 records are refused by the replica");
  CHECK(reason(0, 2) == "2 records wait in quarantine, since the replica refused them");
  CHECK(reason(1, 2) == "1 records are refused by the replica; 2 more wait in quarantine");
}

}  // namespace kinto_mirror::daemon
