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

TEST_CASE("containers have one line, and each difference one of its own") {
  using Kind = sync::ContainerDifference::Kind;
  sync::RunReport report;
  report.replicas.resize(1);
  sync::ReplicaReport& replica = report.replicas[0];
  replica.name = "paris";
  replica.url = "http://p/v1";
  replica.collections.resize(1);
  replica.collections[0].id = CollectionId("b", "c");
  replica.collections[0].state = sync::State::in_sync;
  replica.containers.same = 2;
  const std::string line = "  containers                               ";
  const std::string collection =
      "  b/c                                      in-sync    master 0, replica 0: 0 same, nothing "
      "written\n";
  CHECK(report_text(report) == "paris http://p/v1\n" + line +
                                   "in-sync    2 same, nothing written\n" + collection +
                                   "in sync\n");
  replica.containers.written.created = 1;
  replica.containers.state = sync::State::different;
  replica.containers.differences = {{"b", Kind::permissions, "no \x1b one"},
                                    {"b/groups/g", Kind::missing, ""}};
  CHECK(report_text(report) ==
        "paris http://p/v1\n" + line + "different  2 same, 1 created, 0 updated, 0 deleted\n" +
            "    b permissions: no \\x1b one\n    b/groups/g missing: the replica lacks it\n" +
            collection + "NOT in sync\n");
  replica.containers = {};
  replica.containers.state = sync::State::failed;
  replica.containers.error = Error(Errc::forbidden, "paris: 403");
  CHECK(report_text(report) == "paris http://p/v1\n" + line +
                                   "failed     0 same, nothing written\n    paris: 403\n" +
                                   collection + "NOT in sync\n");
  replica.error = Error(Errc::unreachable, "refused");
  CHECK(report_text(report).find("containers") == std::string::npos);
}

}  // namespace kinto_mirror::daemon
