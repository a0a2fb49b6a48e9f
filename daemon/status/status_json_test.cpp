#include "daemon/status/status_json.hpp"

#include "daemon/status/status_table.hpp"
#include "daemon/status/test_snapshot.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

namespace {

namespace json = boost::json;

json::value parsed(const Snapshot& snapshot) {
  return json::parse(status_json(snapshot));
}

Snapshot in_trouble() {
  CollectionStatus one = collection_status("b/c");
  one.state = sync::State::brake;
  one.lag = Millis{1};
  one.braked = true;
  one.quarantined = 1;
  one.news.brake = sync::BrakeReport{40, 10, {"x"}};
  one.news.refusals.push_back(sync::Refusal{"bad", Stamp{1}, 400, "too \"large\"\n\xff"});
  one.news.error = Error(Errc::failing, "503\nb");
  Snapshot snapshot = snapshot_with({one});
  snapshot.replicas[0].state = ReplicaState::failing;
  snapshot.replicas[0].error = Error(Errc::unreachable, "connection refused");
  snapshot.replicas[0].failing_for = Millis{61'000};
  snapshot.in_sync = snapshot.replicas[0].in_sync = false;
  snapshot.replicas[0].containers.state = sync::State::different;
  snapshot.replicas[0].containers.differences = {
      {"b/collections/d", sync::ContainerDifference::Kind::undeleted, "x\xff\ny"}};
  return snapshot;
}

}  // namespace

TEST_CASE("the state of everything, with times in seconds and stamps in milliseconds") {
  const json::value status = parsed(snapshot_with({collection_status("b/c")}));
  CHECK(status.at("version") == "1.2.3");
  CHECK(status.at("in_sync") == true);
  CHECK(status.at("shard") == "0/1");
  CHECK(status.at("extras") == "keep");
  CHECK(status.at("master").at("state") == "ok");
  CHECK(status.at("master").at("requests").at("200") == 12);
  const json::value& replica = status.at("replicas").at(0);
  CHECK(replica.at("state") == "following");
  CHECK(replica.at("next_pass") == 2);
  CHECK(replica.at("error").is_null());
  CHECK(replica.at("containers") == json::parse(R"({"same": 3, "created": 0, "updated": 2,
        "deleted": 0, "differences": [], "state": "in-sync"})"));
  const json::value& one = replica.at("collections").at(0);
  CHECK(one.at("id") == "b/c");
  CHECK(one.at("lag") == 0);
  CHECK(one.at("master") == 5);
  CHECK(one.at("replica") == 7);
  CHECK(one.at("cursor") == 1'700'000'000'000);
  CHECK(one.at("last_pass").at("kind") == "audit");
  CHECK(one.at("last_pass").at("ago") == 4);
  CHECK(one.at("last_pass").at("took_ms") == 12);
  CHECK(one.at("next_audit") == 3600);
  CHECK(one.at("brake").is_null());
  CHECK(one.at("quarantine").as_array().empty());
}

TEST_CASE("trouble is told with its reason, and the JSON stays valid whatever a server said") {
  const json::value status = parsed(in_trouble());
  const json::value& replica = status.at("replicas").at(0);
  CHECK(replica.at("error").at("kind") == "unreachable");
  CHECK(replica.at("failing_for") == 61);
  const json::value& one = replica.at("collections").at(0);
  CHECK(one.at("lag") == 1);  // never rounded to none
  CHECK(one.at("brake").at("would_delete") == 40);
  CHECK(one.at("error").at("message") == "503\nb");
  CHECK(one.at("quarantine").at(0).at("reason") == "too \"large\"\n\xEF\xBF\xBD");
}

TEST_CASE("of the one collection that was asked for all is told") {
  CollectionStatus one = collection_status("b/c");
  one.quarantined = 1;
  CollectionDetail& detail = one.detail.emplace();
  const Instant now{Millis{100'000}};
  detail.quarantine.push_back(
      {sync::Refusal{"bad\xff", Stamp{7}, 400, "no"}, 3, now - Millis{5'500}, now + Millis{1'000}});
  sync::CollectionReport report;
  report.kind = sync::PassKind::load;
  report.state = sync::State::different;
  report.master = 5;
  report.found.missing = 2;
  report.examples = {"r1"};
  report.took = Millis{30};
  detail.past.add(report, now - Millis{9'000});
  report.kind = sync::PassKind::follow;
  report.error = Error(Errc::failing, "503");
  detail.past.add(report, now - Millis{2'000});
  Snapshot snapshot = snapshot_with({one});
  snapshot.at = now;
  const json::value told = parsed(snapshot).at("replicas").at(0).at("collections").at(0);
  CHECK(told.at("quarantine") == json::parse(R"([{"id": "bad\ufffd", "status": 400, "reason": "no",
        "last_modified": 7, "for": 6, "tries": 3, "next_try": 1}])"));
  CHECK(told.at("for") == json::parse(R"({"trouble": 9, "missing": 9, "differs": null,
        "extra": null, "brake": null, "error": 2})"));
  CHECK(told.at("differences") == json::parse(R"([{"id": "r1", "for": 9}])"));
  REQUIRE(told.at("passes").as_array().size() == 2);
  const json::value& newest = told.at("passes").at(0);
  CHECK(newest.at("kind") == "follow");
  CHECK(newest.at("error").at("message") == "503");
  CHECK(newest.at("master").is_null());
  const json::value& oldest = told.at("passes").at(1);
  CHECK(oldest.at("state") == "different");
  CHECK(oldest.at("ended") == 1'700'000'081'000);
  CHECK(oldest.at("ago") == 9);
  CHECK(oldest.at("took_ms") == 30);
  CHECK(oldest.at("master") == 5);
  CHECK(oldest.at("missing") == 2);
  CHECK(!parsed(snapshot_with({collection_status("b/c")}))
             .at("replicas")
             .at(0)
             .at("collections")
             .at(0)
             .as_object()
             .contains("passes"));
}

TEST_CASE("a difference of a container tells how long it has been there") {
  Snapshot snapshot = in_trouble();
  snapshot.replicas[0].differing_for = {Millis{61'000}};
  const json::value status = parsed(snapshot);
  const json::value& difference =
      status.at("replicas").at(0).at("containers").at("differences").at(0);
  CHECK(difference.at("for") == 61);
  CHECK(difference.at("kind") == "undeleted");
}

TEST_CASE("the table has one line a collection, and one for each trouble") {
  const std::string table = *status_table(status_json(in_trouble()));
  CHECK(table ==
        "kinto-mirror 1.2.3, up 1m30s, NOT in sync\n"
        "master https://master/v1: ok\n"
        "replica https://replica/v1: failing, NOT in sync, lag 0s, next look in 2s\n"
        "  failing for 1m1s: connection refused\n"
        "  containers: different, 3 same\n"
        "      b/collections/d undeleted: x\xEF\xBF\xBD\\ny\n"
        "  COLLECTION STATE LAG MASTER REPLICA QUARANTINED LAST-PASS     NEXT-LOOK "
        "NEXT-AUDIT\n"
        "  b/c        brake 1s  5      7       1           audit, 4s ago 2s        1h\n"
        "      503\\nb\n"
        "      the brake holds 40 deletes (x, ...), 10 are allowed; `kinto-mirror release b/c` "
        "lets them "
        "go, once; where no orders are taken, to let them go: kinto-mirror run --once "
        "--collections b/c --extras delete --max-delete 40\n"
        "      quarantined bad: 400 too \"large\"\\n\xEF\xBF\xBD\n");
}

TEST_CASE("the table tells how far a pass is, and no numbers of what nobody has looked at") {
  Snapshot snapshot = snapshot_with({collection_status("b/c")});
  CollectionStatus& collection = snapshot.replicas[0].collections[0];
  collection.state = sync::State::waiting;
  collection.progress = WalkProgress{5'000, 12'000, 350, Millis{20'000}};
  const std::string loads = *status_table(status_json(snapshot));
  CAPTURE(loads);
  CHECK(loads.find("waiting 0s  -      -       ") != std::string::npos);
  CHECK(loads.find("\n      loading: 41% (5000 of 12000 records, 350/s, 20s left)\n") !=
        std::string::npos);
  collection.state = sync::State::in_sync;
  collection.progress = WalkProgress{0, 0, 0, std::nullopt};
  const std::string compares = *status_table(status_json(snapshot));
  CHECK(compares.find("\n      comparing: 0% (0 of 0 records, 0/s)\n") != std::string::npos);
}

TEST_CASE("a table of another version's state, or of none") {
  CHECK(*status_table("{}") == "kinto-mirror -, up -, NOT in sync\n");
  const auto odd = status_table(R"({"replicas": [{"name": "r", "collections": [{"id": 5}]}, 7]})");
  REQUIRE(odd.has_value());
  CHECK(odd->find("r -: -, NOT in sync, lag -, looking now\n") != std::string::npos);
  CHECK(status_table("<html>").has_error());
  CHECK(status_table("[1]").has_error());
}

TEST_CASE("the webhook, and why it fails") {
  Snapshot snapshot = snapshot_with({});
  CHECK(parsed(snapshot).at("webhook").is_null());
  CHECK(status_table(status_json(snapshot))->find("webhook") == std::string::npos);
  snapshot.webhook.emplace();
  CHECK(parsed(snapshot).at("webhook") ==
        json::parse(R"({"state": "waiting", "delivered": 0, "retried": 0, "given_up": 0,
                        "last_delivered": null, "failing_for": null, "error": null})"));
  snapshot.webhook->deliveries.arrived(Instant{});
  snapshot.webhook->last_delivered = Stamp{1'700'000'000'000};
  CHECK(parsed(snapshot).at("webhook").at("state") == "works");
  CHECK(
      status_table(status_json(snapshot))->ends_with("webhook: works, 1 delivered, 0 given up\n"));
  snapshot.webhook->deliveries.failed(Error(Errc::failing, "answered 502"), false, Instant{});
  snapshot.webhook->failing_for = Millis{61'000};
  CHECK(parsed(snapshot).at("webhook") ==
        json::parse(R"({"state": "failing", "delivered": 1, "retried": 0, "given_up": 1,
                        "last_delivered": 1700000000000, "failing_for": 61,
                        "error": {"kind": "server failing", "message": "answered 502"}})"));
  CHECK(status_table(status_json(snapshot))
            ->ends_with("webhook: failing, 1 delivered, 1 given up\n"
                        "  failing for 1m1s: answered 502\n"));
}

}  // namespace kinto_mirror::daemon
