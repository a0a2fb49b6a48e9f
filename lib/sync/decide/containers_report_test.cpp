#include "sync/decide/containers_report.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using Kind = ContainerDifference::Kind;
using Kinds = std::vector<Kind>;

const Kinds all_kinds{Kind::missing, Kind::data,        Kind::permissions,        Kind::undeleted,
                      Kind::extra,   Kind::quarantined, Kind::unknown_permissions};

State concluded(const Kinds& kinds, Extras extras) {
  ContainersReport report;
  for (const Kind kind : kinds) report.differences.push_back({"b", kind, "why"});
  return conclude(report, extras);
}

}  // namespace

TEST_CASE("each kind of difference has a name of its own") {
  std::set<std::string> names;
  for (const Kind kind : all_kinds) names.emplace(to_string(kind));
  CHECK(names.size() == all_kinds.size());
  CHECK(to_string(Kind::missing) == "missing");
  CHECK(to_string(Kind::undeleted) == "undeleted");
  CHECK(to_string(Kind::unknown_permissions) == "unknown-permissions");
}

TEST_CASE("what differences of containers mean") {
  struct Case {
    Kinds kinds;
    State keep;
    State remove;
  };
  for (const Case& c : {
           Case{{}, State::in_sync, State::in_sync},
           Case{{Kind::missing}, State::different, State::different},
           Case{{Kind::data}, State::different, State::different},
           Case{{Kind::permissions}, State::different, State::different},
           Case{{Kind::undeleted}, State::different, State::different},
           Case{{Kind::extra}, State::in_sync, State::different},
           Case{{Kind::quarantined}, State::degraded, State::degraded},
           Case{{Kind::unknown_permissions}, State::degraded, State::degraded},
           // The worst counts, wherever it stands.
           Case{{Kind::quarantined, Kind::data}, State::different, State::different},
           Case{{Kind::data, Kind::unknown_permissions}, State::different, State::different},
           Case{{Kind::extra, Kind::quarantined}, State::degraded, State::different},
           Case{{Kind::quarantined, Kind::extra}, State::degraded, State::different},
       }) {
    CAPTURE(c.kinds.size());
    CHECK(concluded(c.kinds, Extras::keep) == c.keep);
    CHECK(concluded(c.kinds, Extras::remove) == c.remove);
  }
}

TEST_CASE("an error is a failure, whatever was found") {
  ContainersReport report;
  report.differences.push_back({"b", Kind::data, "why"});
  report.fail(Error(Errc::forbidden, "no"));
  CHECK(report.state == State::failed);
  CHECK(report.error->message == "no");
  CHECK(conclude(report, Extras::keep) == State::failed);
}

TEST_CASE("something was compared or deleted, or there was nothing to tell of") {
  ContainersReport report;
  CHECK_FALSE(report.any());
  report.differences.push_back({"b", Kind::extra, "why"});
  CHECK_FALSE(report.any());
  report.written.deleted = 1;
  CHECK(report.any());
  report.written.deleted = 0;
  report.same = 1;
  CHECK(report.any());
}

}  // namespace kinto_mirror::sync
