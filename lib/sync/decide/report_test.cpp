#include "sync/decide/run_report.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using enum State;

CollectionReport counts(std::int64_t missing, std::int64_t differs, std::int64_t extra,
                        std::int64_t undeleted, std::size_t quarantined) {
  CollectionReport report;
  report.found.missing = missing;
  report.found.differs = differs;
  report.found.extra = extra;
  report.found.undeleted = undeleted;
  report.quarantined.resize(quarantined);
  return report;
}

CollectionReport in_state(State state) {
  CollectionReport report;
  report.state = state;
  return report;
}

RunReport run_of(const std::vector<std::vector<State>>& replicas) {
  RunReport run;
  for (const auto& states : replicas) {
    ReplicaReport replica;
    for (const State state : states) replica.collections.push_back(in_state(state));
    run.replicas.push_back(std::move(replica));
  }
  return run;
}

}  // namespace

TEST_CASE("what the counts mean depends on what becomes of extras") {
  struct Case {
    std::string what;
    CollectionReport report;  // missing, differs, extra, undeleted, quarantined
    State keep;
    State remove;
  };
  const std::vector<Case> cases{
      {"nothing left", counts(0, 0, 0, 0, 0), in_sync, in_sync},
      {"missing", counts(1, 0, 0, 0, 0), different, different},
      {"differs", counts(0, 1, 0, 0, 0), different, different},
      {"extra", counts(0, 0, 3, 0, 0), in_sync, different},
      {"not deleted", counts(0, 0, 1, 1, 0), different, different},
      {"missing because refused", counts(1, 0, 0, 0, 1), degraded, degraded},
      {"one refused of two", counts(1, 1, 0, 0, 1), different, different},
      {"all refused", counts(1, 1, 1, 1, 3), degraded, degraded},
      {"refused, and an extra", counts(1, 0, 1, 0, 1), degraded, different},
      {"refused, and gone since", counts(0, 0, 0, 0, 1), degraded, degraded},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    CHECK(conclude(c.report, Extras::keep) == c.keep);
    CHECK(conclude(c.report, Extras::remove) == c.remove);
  }
}

TEST_CASE("an error is told before the brake, and the brake before the counts") {
  CollectionReport report = counts(1, 0, 5, 0, 0);
  report.brake.emplace();
  CHECK(conclude(report, Extras::remove) == brake);
  report.error = Error(Errc::unreachable, "gone");
  CHECK(conclude(report, Extras::remove) == failed);
}

TEST_CASE("a run is in sync when everything was compared and is equal") {
  CHECK(run_of({{in_sync}}).in_sync());
  CHECK(run_of({{in_sync, in_sync}, {in_sync}}).in_sync());
  for (const State state : {different, degraded, brake, not_shown, failed}) {
    CAPTURE(to_string(state));
    CHECK_FALSE(run_of({{in_sync}, {in_sync, state}}).in_sync());
  }
}

TEST_CASE("what was not compared is not known to be equal") {
  CHECK_FALSE(run_of({}).in_sync());
  CHECK_FALSE(run_of({{}}).in_sync());
  CHECK_FALSE(run_of({{in_sync}, {}}).in_sync());
  RunReport run = run_of({{in_sync}});
  run.replicas[0].error = Error(Errc::unreachable, "gone");
  CHECK_FALSE(run.in_sync());
}

TEST_CASE("a mistake in the configuration comes before rights, reachability and the rest") {
  struct Case {
    std::vector<Errc> found;
    Errc worst;
  };
  using enum Errc;
  const std::vector<Case> cases{
      {{rejected}, rejected},
      {{rejected, unreachable}, unreachable},
      {{unreachable, rejected}, unreachable},
      {{unreachable, forbidden}, forbidden},
      {{credentials, unreachable, not_found}, credentials},
      {{not_found, failing}, failing},
      {{not_kinto, read_only}, read_only},
      {{unreachable, failing}, unreachable},  // of equals the first
      {{stopped, not_kinto}, not_kinto},
      {{credentials, config, unreachable}, config},
  };
  for (const Case& c : cases) {
    CAPTURE(to_string(c.worst));
    RunReport of_collections = run_of({{}});
    RunReport of_replicas;
    for (const Errc code : c.found) {
      CollectionReport collection = in_state(failed);
      collection.error = Error(code, "why");
      of_collections.replicas[0].collections.push_back(std::move(collection));
      ReplicaReport replica;
      replica.error = Error(code, "why");
      of_replicas.replicas.push_back(std::move(replica));
    }
    REQUIRE(of_collections.worst_error() != nullptr);
    CHECK(of_collections.worst_error()->code == c.worst);
    REQUIRE(of_replicas.worst_error() != nullptr);
    CHECK(of_replicas.worst_error()->code == c.worst);
  }
}

TEST_CASE("a run without a failure has no worst one") {
  CHECK(run_of({}).worst_error() == nullptr);
  CHECK(run_of({{in_sync, different}}).worst_error() == nullptr);
}

TEST_CASE("every state and kind has its own name") {
  std::set<std::string_view> names;
  for (const State state : {in_sync, different, degraded, brake, not_shown, failed}) {
    names.insert(to_string(state));
  }
  CHECK(names.size() == 6);
  CHECK(to_string(in_sync) == "in-sync");
  CHECK(to_string(PassKind::load) == "load");
  CHECK(to_string(PassKind::audit) == "audit");
  CHECK(to_string(PassKind::follow) == "follow");
}

}  // namespace kinto_mirror::sync
