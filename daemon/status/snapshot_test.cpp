#include "daemon/status/snapshot.hpp"

#include "daemon/status/summary.hpp"
#include "kinto/test_fakes.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

namespace {

using sync::Chain;
using sync::CollectionState;
using sync::PassKind;
using sync::State;

struct Fixture {
  kinto::test::FakeClock clock;
  Board board{clock};
  SnapshotInput input;
  std::map<CollectionId, CollectionState> listed;
  std::map<CollectionId, CollectionState> unlisted;
  std::optional<Instant> round;  // that is under way
  std::size_t elsewhere = 0;

  Fixture() {
    input.version = "1.2.3";
    input.master = {"master", "http://a/v1"};
    input.replicas = {{"r", "http://b/v1"}};
    input.now = clock.now() + Millis{1'000};
    input.wall = Stamp{1'700'000'000'000};
    input.interval = Millis{5'000};
  }

  // In step at the round that began a second ago; the next look is due in four.
  CollectionState& add(const char* name) {
    CollectionState state;
    state.checkpoint.emplace();
    state.chain = Chain::compared;
    state.checkpoint->live = 4;
    state.checkpoint->cursor = Stamp{10};
    state.replica.live = 6;
    state.in_step_at = input.now - Millis{1'000};
    state.audit_at = input.now + Millis{60'000};
    return listed[CollectionId("b", name)] = state;
  }

  void pass(const char* name, PassKind kind, State state) {
    sync::CollectionReport report;
    report.id = CollectionId("b", name);
    report.kind = kind;
    report.state = state;
    if (state == State::failed) report.error = Error(Errc::rejected, "refused");
    board.pass_done("r", report);
  }

  Snapshot take() {
    sync::Standing standing;
    standing.replica = "r";
    standing.begun = input.now - Millis{50'000};
    standing.looked = input.now - Millis{1'000};
    standing.round = round.value_or(standing.looked);
    standing.next = input.now + Millis{4'000};
    standing.listed = &listed;
    standing.unlisted = &unlisted;
    standing.elsewhere = elsewhere;
    return take_snapshot(input, board, {standing});
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "before the engine follows, everything is there and unknown") {
  const Snapshot snapshot = take_snapshot(input, board, {});
  CHECK(!snapshot.in_sync);
  CHECK(snapshot.master.state == ServerState::unknown);
  REQUIRE(snapshot.replicas.size() == 1);
  CHECK(snapshot.replicas[0].state == ReplicaState::starting);
  CHECK(snapshot.replicas[0].server.url == "http://b/v1");
  CHECK(snapshot.replicas[0].collections.empty());
}

TEST_CASE_FIXTURE(Fixture, "a replica that follows and was compared is in sync") {
  add("c");
  board.round_worked("r", 1);
  listed[CollectionId("b", "c")].chain = Chain::uncompared;
  CHECK(take().replicas[0].collections[0].state == sync::State::not_compared);
  CHECK(!take().in_sync);
  pass("c", PassKind::audit, State::in_sync);
  // Something broke the chain since.
  CHECK(take().replicas[0].collections[0].state == sync::State::not_compared);
  listed[CollectionId("b", "c")].chain = Chain::compared;
  // The containers around it were not looked at yet.
  CHECK(!take().in_sync);
  board.containers_done("r", sync::ContainersReport());
  const Snapshot snapshot = take();
  CHECK(snapshot.in_sync);
  const ReplicaStatus& replica = snapshot.replicas[0];
  CHECK(replica.state == ReplicaState::following);
  CHECK(replica.next_round == Millis{4'000});
  const CollectionStatus& one = replica.collections[0];
  CHECK(one.id == "b/c");
  CHECK(one.state == sync::State::in_sync);
  CHECK(one.lag == Millis{0});
  CHECK(one.master == 4);
  CHECK(one.replica == 6);
  CHECK(one.cursor == Stamp{10});
  CHECK(one.next_pass == Millis{4'000});
  CHECK(one.next_audit == Millis{60'000});
  CHECK(summary(snapshot) == "r: following, 1 collections, in sync");
}

TEST_CASE_FIXTURE(Fixture, "one collection that is behind takes the whole out of sync") {
  add("c");
  add("d").in_step_at = input.now - Millis{9'000};
  board.round_worked("r", 2);
  pass("c", PassKind::audit, State::in_sync);
  pass("d", PassKind::audit, State::in_sync);
  const Snapshot snapshot = take();
  CHECK(!snapshot.in_sync);
  CHECK(snapshot.replicas[0].lag == Millis{9'000});
  CHECK(snapshot.replicas[0].collections[1].state == sync::State::behind);
  CHECK(summary(snapshot) == "r: following, 2 collections, lag 9 s");
}

TEST_CASE_FIXTURE(Fixture, "a collection that was never visited waits") {
  CollectionState& state = add("c");
  state = CollectionState();
  state.not_before = input.now + Millis{7'000};
  state.failures = 2;
  const CollectionStatus one = take().replicas[0].collections[0];
  CHECK(one.state == sync::State::waiting);
  CHECK(one.lag == Millis{50'000});
  CHECK(one.next_pass == Millis{7'000});
  CHECK(one.next_audit == Millis{7'000});
  CHECK(one.failures == 2);
  CHECK(!one.cursor);
  CHECK(!one.last_pass_ago);
}

TEST_CASE_FIXTURE(Fixture, "while a round is under way nothing else is planned") {
  add("c");
  round = input.now - Millis{100};  // woken before its time
  const Snapshot snapshot = take();
  CHECK(!snapshot.replicas[0].next_round);
  CHECK(snapshot.replicas[0].collections[0].next_pass == Millis{0});
}

TEST_CASE_FIXTURE(Fixture, "what the master does not list any more has no lag") {
  unlisted[CollectionId("a", "gone")].checkpoint.emplace();
  add("c");
  board.round_worked("r", 1);
  pass("c", PassKind::audit, State::in_sync);
  const Snapshot snapshot = take();
  const CollectionStatus& gone = snapshot.replicas[0].collections.front();
  CHECK(gone.id == "a/gone");
  CHECK(gone.state == sync::State::not_shown);
  CHECK(!gone.lag);
  CHECK(!gone.next_pass);
  CHECK(!snapshot.in_sync);
}

TEST_CASE_FIXTURE(Fixture, "the line for the service manager tells how far loads and audits are") {
  add("c");
  add("d");
  add("e");
  board.round_worked("r", 3);
  for (const char* name : {"c", "d", "e"}) pass(name, PassKind::audit, State::in_sync);
  board.progress("r", CollectionId("b", "c"), 0, 300);
  board.progress("r", CollectionId("b", "d"), 10, 100);
  CHECK(summary(take()) == "r: following, 3 collections, 2 under way: 2% of 400 records");
  board.progress("r", CollectionId("b", "c"), 290, 300);
  input.now = clock.now() + Millis{10'000};
  const std::string text = summary(take());
  CHECK(text.find(", 2 under way: 75% of 400 records, 1m3") != std::string::npos);
  CHECK(text.find("s left") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a snapshot of one collection has all that is known of it alone") {
  CollectionState& state = add("c");
  state.quarantine.refused(sync::Refusal{"bad", Stamp{1}, 400, "no"}, input.now);
  add("other");
  pass("c", PassKind::load, State::degraded);
  pass("c", PassKind::follow, State::degraded);
  pass("other", PassKind::load, State::in_sync);
  using Kind = sync::ContainerDifference::Kind;
  sync::ContainersReport report;
  report.differences = {{"a", Kind::data, ""},
                        {"b", Kind::data, ""},
                        {"b/collections/c", Kind::permissions, ""},
                        {"b/collections/other", Kind::data, ""}};
  board.containers_done("r", report);
  CHECK(!take().replicas[0].collections[0].detail);
  CHECK(take().replicas[0].differing_for.size() == 4);
  input.only = CollectionId("b", "c");
  const ReplicaStatus replica = take().replicas[0];
  REQUIRE(replica.collections.size() == 1);
  const CollectionStatus& one = replica.collections[0];
  REQUIRE(one.detail.has_value());
  CHECK(one.detail->past.passes.size() == 2);
  REQUIRE(one.detail->quarantine.size() == 1);
  CHECK(one.detail->quarantine[0].refusal.id == "bad");
  REQUIRE(replica.containers.differences.size() == 2);
  CHECK(replica.containers.differences[1].id == "b/collections/c");
  CHECK(replica.differing_for.size() == 2);
  input.only = CollectionId("b", "none");
  CHECK(take().replicas[0].collections.empty());
}

TEST_CASE_FIXTURE(Fixture, "containers that differ take the whole out of sync") {
  add("c");
  board.round_worked("r", 1);
  pass("c", PassKind::audit, State::in_sync);
  CHECK(take().replicas[0].containers.state == sync::State::waiting);
  sync::ContainersReport report;
  board.containers_done("r", report);
  CHECK(take().in_sync);
  CHECK(take().replicas[0].containers.state == sync::State::in_sync);
  for (const State state : {State::different, State::degraded, State::failed}) {
    report.state = state;
    board.containers_done("r", report);
    const Snapshot snapshot = take();
    CHECK(!snapshot.in_sync);
    CHECK(snapshot.replicas[0].containers.state == state);
    CHECK(summary(snapshot) ==
          "r: following, 1 collections, containers " + std::string(sync::to_string(state)));
  }
}

TEST_CASE_FIXTURE(Fixture, "what the master deleted and must stay is told once") {
  unlisted[CollectionId("a", "gone")].checkpoint.emplace();
  unlisted[CollectionId("a", "hidden")].checkpoint.emplace();
  add("c");
  add("named");
  board.round_worked("r", 2);
  pass("c", PassKind::audit, State::in_sync);
  pass("named", PassKind::audit, State::not_shown);
  CHECK(take().replicas[0].collections.size() == 4);
  using Kind = sync::ContainerDifference::Kind;
  sync::ContainersReport report;
  report.state = State::different;
  report.differences = {{"a", Kind::undeleted, "holds a/gone"},
                        {"a/collections/gone", Kind::undeleted, "it has a neighbour"},
                        {"b/collections/named", Kind::undeleted, "likewise"},
                        {"b/collections/c", Kind::undeleted, "it is there again"},
                        {"a/collections/hidden", Kind::data, "no schema"}};
  board.containers_done("r", report);
  const Snapshot snapshot = take();
  const ReplicaStatus& replica = snapshot.replicas[0];
  REQUIRE(replica.collections.size() == 2);
  CHECK(replica.collections[0].id == "a/hidden");  // not shown is not deleted
  CHECK(replica.collections[1].id == "b/c");
  CHECK(replica.containers.differences.size() == 5);
  CHECK(!snapshot.in_sync);
}

TEST_CASE_FIXTURE(Fixture, "errors, brakes and quarantines are shown while they last") {
  CollectionState& state = add("c");
  state.quarantine.refused(sync::Refusal{"bad", Stamp{1}, 400, "no"}, input.now);
  board.quarantined("r", CollectionId("b", "c"), sync::Refusal{"bad", Stamp{1}, 400, "no"});
  board.quarantined("r", CollectionId("b", "c"), sync::Refusal{"mended", Stamp{1}, 400, "no"});
  state.stored.emplace();
  state.stored->braked = true;
  pass("c", PassKind::follow, State::failed);
  board.round_failed("r", Error(Errc::unreachable, "gone"), Millis{1'000});
  board.exchanged("master", 401, Millis{1});
  board.exchanged("r", 503, Millis{1});
  const Snapshot snapshot = take();
  const ReplicaStatus& replica = snapshot.replicas[0];
  const CollectionStatus& one = replica.collections[0];
  CHECK(one.state == sync::State::failed);
  CHECK(one.news.error->message == "refused");
  CHECK(one.braked);
  CHECK(one.quarantined == 1);
  REQUIRE(one.news.refusals.size() == 1);
  CHECK(one.news.refusals[0].id == "bad");
  CHECK(replica.state == ReplicaState::failing);
  CHECK(replica.error->message == "gone");
  CHECK(replica.server.state == ServerState::failing);
  CHECK(snapshot.master.state == ServerState::refused);
  CHECK(summary(snapshot) == "r: failing: gone");
  board.round_failed("r", Error(Errc::unreachable, "r: GET http://r/v1: refused"), Millis{1});
  CHECK(summary(take()) == "r: failing: GET http://r/v1: refused");
}

TEST_CASE_FIXTURE(Fixture, "the webhook is shown where there is one, with what its calls came to") {
  CHECK(!take().webhook);
  Deliveries& told = board.webhook();
  CHECK(take().webhook->deliveries.delivered == 0);
  CHECK(!take().webhook->last_delivered);

  told.arrived(input.now - Millis{2'000});
  told.failed(Error(Errc::failing, "500"), true, input.now - Millis{1'000});
  told.failed(Error(Errc::failing, "502"), false, input.now);
  WebhookStatus shown = take().webhook.value();
  CHECK(shown.deliveries.delivered == 1);
  CHECK(shown.deliveries.retried == 1);
  CHECK(shown.deliveries.given_up == 1);
  CHECK(shown.last_delivered == Stamp{input.wall.ms - 2'000});
  CHECK(shown.failing_for == Millis{1'000});
  CHECK(shown.deliveries.error->message == "502");

  told.arrived(input.now);
  shown = take().webhook.value();
  CHECK(!shown.deliveries.error);
  CHECK(shown.last_delivered == input.wall);
  CHECK(shown.failing_for == Millis{0});
}

TEST_CASE_FIXTURE(Fixture, "a shard that has no collection is in sync where the others have some") {
  board.round_worked("r", 0);
  board.containers_done("r", sync::ContainersReport());
  CHECK(!take().in_sync);
  elsewhere = 5;
  CHECK(take().in_sync);
}

}  // namespace kinto_mirror::daemon
