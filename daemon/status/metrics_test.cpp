#include "daemon/status/metrics.hpp"

#include "daemon/status/test_snapshot.hpp"

#include <doctest/doctest.h>

#include <chrono>

namespace kinto_mirror::daemon {

namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("metrics of servers, replicas and collections") {
  CollectionStatus braked = collection_status("b/d");
  braked.state = sync::State::brake;
  braked.braked = true;
  braked.quarantined = 3;
  braked.lag = Millis{2'500};
  braked.progress = WalkProgress{250, 1'000, 50, Millis{15'000}};
  Snapshot snapshot = snapshot_with({collection_status("b/c"), braked});
  snapshot.replicas[0].lag = Millis{2'500};
  snapshot.replicas[0].counters.passes[{sync::PassKind::audit, sync::State::in_sync}] = 4;
  snapshot.replicas[0].containers.state = sync::State::degraded;
  snapshot.replicas[0].containers.differences = {
      {"b", sync::ContainerDifference::Kind::unknown_permissions, ""},
      {"d", sync::ContainerDifference::Kind::unknown_permissions, ""}};
  snapshot.shard = sync::Shard{2, 3};
  const std::string text = metrics_text(snapshot, "abc");
  for (const char* line :
       {"# TYPE kinto_mirror_lag_seconds gauge",
        "kinto_mirror_build_info{version=\"1.2.3\",commit=\"abc\"} 1",
        "kinto_mirror_in_sync 1",
        "kinto_mirror_shard{shard=\"2\",shards=\"3\"} 1",
        "kinto_mirror_shards 3",
        "kinto_mirror_server_up{server=\"master\"} 1",
        "kinto_mirror_requests_total{server=\"master\",status=\"200\"} 12",
        "kinto_mirror_request_duration_seconds_bucket{server=\"master\",le=\"0.005\"} 0",
        "kinto_mirror_request_duration_seconds_bucket{server=\"master\",le=\"0.01\"} 1",
        "kinto_mirror_request_duration_seconds_bucket{server=\"master\",le=\"+Inf\"} 1",
        "kinto_mirror_request_duration_seconds_count{server=\"master\"} 1",
        "kinto_mirror_request_duration_seconds_sum{server=\"master\"} 0.007",
        "kinto_mirror_following{replica=\"replica\"} 1",
        "kinto_mirror_records_applied_total{replica=\"replica\",operation=\"create\"} 5",
        "kinto_mirror_passes_total{replica=\"replica\",kind=\"audit\",state=\"in-sync\"} 4",
        "kinto_mirror_passes_total{replica=\"replica\",kind=\"follow\",state=\"failed\"} 0",
        "kinto_mirror_collections{replica=\"replica\",state=\"in-sync\"} 1",
        "kinto_mirror_collections{replica=\"replica\",state=\"brake\"} 1",
        "kinto_mirror_collections{replica=\"replica\",state=\"failed\"} 0",
        "kinto_mirror_replica_lag_seconds{replica=\"replica\"} 2.5",
        "kinto_mirror_walk_done_records{replica=\"replica\",collection=\"b/d\"} 250",
        "kinto_mirror_walk_all_records{replica=\"replica\",collection=\"b/d\"} 1000",
        "# TYPE kinto_mirror_containers gauge",
        "kinto_mirror_containers{replica=\"replica\",kind=\"same\"} 3",
        "kinto_mirror_containers{replica=\"replica\",kind=\"unknown-permissions\"} 2",
        "kinto_mirror_containers{replica=\"replica\",kind=\"data\"} 0",
        "kinto_mirror_containers_state{replica=\"replica\",state=\"degraded\"} 1",
        "kinto_mirror_containers_state{replica=\"replica\",state=\"in-sync\"} 0",
        "# TYPE kinto_mirror_containers_applied_total counter",
        "kinto_mirror_containers_applied_total{replica=\"replica\",operation=\"update\"} 2",
        "kinto_mirror_lag_seconds{replica=\"replica\",collection=\"b/c\"} 0",
        "kinto_mirror_lag_seconds{replica=\"replica\",collection=\"b/d\"} 2.5",
        "kinto_mirror_quarantined_records{replica=\"replica\",collection=\"b/d\"} 3",
        "kinto_mirror_brake_engaged{replica=\"replica\",collection=\"b/c\"} 0",
        "kinto_mirror_brake_engaged{replica=\"replica\",collection=\"b/d\"} 1",
        "kinto_mirror_master_records{replica=\"replica\",collection=\"b/c\"} 5",
        "kinto_mirror_replica_records{replica=\"replica\",collection=\"b/c\"} 7"}) {
    CHECK_MESSAGE(has_line(text, line), line);
  }
  CHECK(count_of(text, "kinto_mirror_walk_done_records{") == 1);
}

TEST_CASE("messages to the webhook are counted where there is one") {
  Snapshot snapshot = snapshot_with({});
  CHECK(metrics_text(snapshot, "").find("webhook") == std::string::npos);
  snapshot.webhook.emplace();
  std::string text = metrics_text(snapshot, "");
  CHECK(has_line(text, "kinto_mirror_webhook_deliveries_total{outcome=\"delivered\"} 0"));
  CHECK(has_line(text, "kinto_mirror_webhook_failing 0"));
  CHECK(text.find("webhook_last_delivery") == std::string::npos);
  snapshot.webhook->deliveries.delivered = 7;
  snapshot.webhook->deliveries.retried = 3;
  snapshot.webhook->deliveries.given_up = 2;
  snapshot.webhook->deliveries.error = Error(Errc::failing, "502");
  snapshot.webhook->last_delivered = Stamp{1'700'000'000'500};
  text = metrics_text(snapshot, "");
  for (const char* line : {"# TYPE kinto_mirror_webhook_deliveries_total counter",
                           "kinto_mirror_webhook_deliveries_total{outcome=\"delivered\"} 7",
                           "kinto_mirror_webhook_deliveries_total{outcome=\"retried\"} 3",
                           "kinto_mirror_webhook_deliveries_total{outcome=\"given-up\"} 2",
                           "kinto_mirror_webhook_failing 1",
                           "kinto_mirror_webhook_last_delivery_time_seconds 1700000000.5"}) {
    CHECK_MESSAGE(has_line(text, line), line);
  }
}

TEST_CASE("labels hold whatever an id holds") {
  Snapshot snapshot = snapshot_with({collection_status("b/\"\\\n\xff")});
  const std::string text = metrics_text(snapshot, "");
  CHECK(has_line(text,
                 "kinto_mirror_brake_engaged{replica=\"replica\",collection=\"b/\\\"\\\\\\n"
                 "\xEF\xBF\xBD\"} 0"));
}

TEST_CASE("beyond a thousand collections one series stands for the rest") {
  Snapshot snapshot = with_many(max_collections + 3);
  auto& collections = snapshot.replicas[0].collections;
  collections[max_collections].lag = Millis{2'000};
  collections[max_collections + 1].lag = Millis{9'000};
  const std::string text = metrics_text(snapshot, "");
  const std::string other = "{replica=\"replica\",collection=\"other\"} ";
  CHECK(has_line(text, "kinto_mirror_lag_seconds" + other + "9"));
  CHECK(has_line(text, "kinto_mirror_master_records" + other + "15"));
  CHECK(count_of(text, "kinto_mirror_lag_seconds{") == max_collections + 1);
  CHECK(has_line(text, "kinto_mirror_collections{replica=\"replica\",state=\"in-sync\"} 1003"));
  CHECK(count_of(metrics_text(with_many(max_collections), ""), "other") == 0);
}

TEST_CASE("metrics of a thousand collections are made in time") {
  const Snapshot snapshot = with_many(1000);
  auto best = std::chrono::steady_clock::duration::max();
  for (int i = 0; i < 20; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const std::string text = metrics_text(snapshot, "");
    best = std::min(best, std::chrono::steady_clock::now() - begin);
    REQUIRE(text.size() > 100'000);
  }
  const double ms = std::chrono::duration<double, std::milli>(best).count();
  MESSAGE("metrics of 1,000 collections take " << ms << " ms");
#ifdef __OPTIMIZE__
  CHECK(ms < 50);  // 5 is promised of a release build on a quiet machine
#endif
}

}  // namespace kinto_mirror::daemon
