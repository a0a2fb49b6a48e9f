#include "daemon/status/board.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

namespace {

using sync::PassKind;
using sync::State;

sync::CollectionReport report_of(PassKind kind, State state) {
  sync::CollectionReport report;
  report.id = CollectionId("b", "c");
  report.kind = kind;
  report.state = state;
  return report;
}

struct Fixture {
  SystemClock clock;
  Board board{clock};

  void pass(PassKind kind, State state) { board.pass_done("r", report_of(kind, state)); }
  [[nodiscard]] const PassNews& news() const {
    return board.replicas().at("r").collections.at(CollectionId("b", "c"));
  }
};

}  // namespace

TEST_CASE("labels of statuses are few, whatever a server answers") {
  CHECK(status_label(0) == "none");
  CHECK(status_label(200) == "200");
  CHECK(status_label(412) == "412");
  CHECK(status_label(418) == "4xx");
  CHECK(status_label(599) == "5xx");
  CHECK(status_label(99) == "other");
  CHECK(status_label(999) == "other");
}

TEST_CASE_FIXTURE(Fixture, "requests are counted by server and status") {
  board.exchanged("master", 200, Millis{6});
  board.exchanged("master", 200, Millis{700'000});
  board.exchanged("master", 0, Millis{1});
  const Exchanges& master = board.servers().at("master");
  CHECK(master.by_status.at("200") == 2);
  CHECK(master.by_status.at("none") == 1);
  CHECK(master.last_status == 0);
  CHECK(master.durations.counts.front() == 1);  // up to 5 ms
  CHECK(master.durations.counts[1] == 1);       // up to 10 ms
  CHECK(master.durations.counts.back() == 1);   // beyond all bounds
  CHECK(master.durations.sum == doctest::Approx(700.007));
}

TEST_CASE_FIXTURE(Fixture, "a follow pass does not make in sync what no audit has compared") {
  pass(PassKind::follow, State::in_sync);
  CHECK(!news().state());
  pass(PassKind::audit, State::different);
  pass(PassKind::follow, State::in_sync);
  CHECK(news().state() == State::different);
  pass(PassKind::audit, State::in_sync);
  CHECK(news().state() == State::in_sync);
}

TEST_CASE_FIXTURE(Fixture, "trouble of a follow pass is over with the next one that works") {
  pass(PassKind::load, State::in_sync);
  pass(PassKind::follow, State::failed);
  CHECK(news().state() == State::failed);
  pass(PassKind::follow, State::in_sync);
  CHECK(news().state() == State::in_sync);
  pass(PassKind::audit, State::failed);
  CHECK(news().state() == State::failed);
  pass(PassKind::follow, State::in_sync);
  CHECK(news().state() == State::in_sync);  // as the last audit that compared said
}

TEST_CASE_FIXTURE(Fixture, "what was refused and is taken later ends the degraded state") {
  pass(PassKind::audit, State::degraded);
  pass(PassKind::follow, State::degraded);
  CHECK(news().state() == State::degraded);
  pass(PassKind::follow, State::in_sync);
  CHECK(news().state() == State::in_sync);
}

TEST_CASE_FIXTURE(Fixture, "passes and records are counted") {
  sync::CollectionReport report = report_of(PassKind::load, State::in_sync);
  report.written.created = 3;
  report.master = report.replica = 3;
  board.pass_done("r", report);
  report = report_of(PassKind::follow, State::in_sync);
  report.written.updated = 2;
  report.written.deleted = 1;
  board.pass_done("r", report);
  const ReplicaCounters& counters = board.replicas().at("r").counters;
  CHECK(counters.written.created == 3);
  CHECK(counters.written.updated == 2);
  CHECK(counters.written.deleted == 1);
  CHECK(counters.passes.at({PassKind::load, State::in_sync}) == 1);
  CHECK(counters.passes.at({PassKind::follow, State::in_sync}) == 1);
  CHECK_FALSE(counters.pass_durations.contains(PassKind::audit));
  CHECK(news().written.created == 3);
  CHECK(news().master == 3);  // a follow pass counts nothing
}

TEST_CASE_FIXTURE(Fixture, "of containers the last pass counts, and what all of them wrote") {
  CHECK_FALSE(board.replicas().contains("r"));
  sync::ContainersReport report;
  report.same = 3;
  report.written.created = 2;
  report.state = State::different;
  report.differences = {{"b", sync::ContainerDifference::Kind::data, "x"}};
  board.containers_done("r", report);
  report.written = {0, 1, 0};
  report.same = 5;
  board.containers_done("r", report);
  const auto known = [this] { return *board.replicas().at("r").containers; };
  CHECK(known().same == 5);
  CHECK(known().written.created == 2);
  CHECK(known().written.updated == 1);
  CHECK(known().state == State::different);
  // What failed compared nothing, so that what is known stays.
  sync::ContainersReport failed;
  failed.state = State::failed;
  failed.error = Error(Errc::failing, "503");
  board.containers_done("r", failed);
  CHECK(known().state == State::failed);
  CHECK(known().error->message == "503");
  CHECK(known().same == 5);
  CHECK(known().differences.size() == 1);
  report.differences.clear();
  report.state = State::in_sync;
  board.containers_done("r", report);
  CHECK(known().state == State::in_sync);
  CHECK_FALSE(known().error);
  CHECK(known().differences.empty());
}

TEST_CASE_FIXTURE(Fixture, "a container's difference keeps the time at which it began") {
  using Kind = sync::ContainerDifference::Kind;
  sync::ContainersReport report;
  report.differences = {{"a", Kind::data, "x"}, {"b", Kind::data, "x"}};
  board.containers_done("r", report);
  const std::vector<Instant> first = board.replicas().at("r").differing_since;
  REQUIRE(first.size() == 2);
  while (clock.now() == first[0]) {
  }
  report.differences = {{"b", Kind::missing, ""}, {"b", Kind::data, "y"}};
  board.containers_done("r", report);
  const std::vector<Instant> then = board.replicas().at("r").differing_since;
  REQUIRE(then.size() == 2);
  CHECK(then[0] > first[1]);
  CHECK(then[1] == first[1]);
}

TEST_CASE_FIXTURE(Fixture, "only the newest refusals are held, each record once") {
  for (int i = 0; i < 30; ++i) {
    const sync::Refusal refusal{std::to_string(i % 15), Stamp{i}, 400, "no"};
    board.quarantined("r", CollectionId("b", "c"), refusal);
  }
  CHECK(news().refusals.size() == Board::max_refusals);
  CHECK(news().refusals.front().id == "5");
  CHECK(news().refusals.back().id == "14");
  pass(PassKind::follow, State::in_sync);
  CHECK(news().refusals.empty());
}

TEST_CASE_FIXTURE(Fixture,
                  "a replica fails from the first round that failed to the next that works") {
  board.round_worked("r", 1);
  CHECK(board.replicas().at("r").following);
  const Error error(Errc::unreachable, "gone");
  board.round_failed("r", error, Millis{1'000});
  const Instant since = board.replicas().at("r").failing_since;
  board.round_failed("r", error, Millis{2'000});
  const ReplicaNews& news = board.replicas().at("r");
  CHECK(!news.following);
  CHECK(news.error->message == "gone");
  CHECK(news.failing_since == since);
  CHECK(news.counters.failed_rounds == 2);
  board.round_worked("r", 1);
  CHECK(!news.error);
}

}  // namespace kinto_mirror::daemon
