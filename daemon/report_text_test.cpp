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

TEST_CASE("a file that is restored is called so, and not the master") {
  Caller caller;
  caller.command = "restore d.gz";
  caller.source = Caller::Source::file;
  sync::CollectionReport one;
  one.id = CollectionId("b", "c");
  one.state = sync::State::not_shown;
  CHECK(reason_text(one, caller) == "the file does not hold this collection; nothing is deleted");
  one.state = sync::State::different;
  one.found.undeleted = one.found.extra = 2;
  CHECK(reason_text(one, caller) == "0 missing, 0 differ, 2 extra (2 deleted in the file)");
  CHECK(reason_text(one) == "0 missing, 0 differ, 2 extra (2 deleted on the master)");
  one.state = sync::State::brake;
  one.brake = sync::BrakeReport{};
  one.brake->would_delete = 2;
  one.brake->master_lost = true;
  const std::string reason = reason_text(one, caller);
  CHECK(reason.find("since the file is empty") != std::string::npos);
  CHECK(
      reason.ends_with("to let them go: kinto-mirror restore d.gz --collections b/c --extras "
                       "delete --max-delete 100%"));
  Caller daemon;
  daemon.follows = true;
  CHECK(reason_text(one, daemon)
            .ends_with("to let them go: kinto-mirror release b/c; where no orders are taken: "
                       "kinto-mirror run --once "
                       "--collections b/c --extras delete --max-delete 100%"));
  sync::RunReport report;
  report.replicas.emplace_back();
  CHECK(report_text(report, caller).find("no collection of the file is in scope") !=
        std::string::npos);
  report.replicas[0].collections.push_back(one);
  const std::string text = report_text(report, caller);
  CHECK(text.find(" file 0, replica 0:") != std::string::npos);
  CHECK(text.find("master") == std::string::npos);
}

}  // namespace kinto_mirror::daemon
