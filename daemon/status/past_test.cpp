#include "daemon/status/past.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

namespace {

sync::CollectionReport ended(sync::PassKind kind, sync::State state) {
  sync::CollectionReport report;
  report.kind = kind;
  report.state = state;
  return report;
}

constexpr Instant at(int seconds) {
  return Instant{Millis{1'000 * seconds}};
}

}  // namespace

TEST_CASE("the last twenty passes are kept, the newest last") {
  Past past;
  for (int i = 1; i <= 23; ++i) {
    sync::CollectionReport report = ended(sync::PassKind::follow, sync::State::in_sync);
    report.written.created = i;
    report.took = Millis{i};
    past.add(report, at(i));
  }
  REQUIRE(past.passes.size() == 20);
  CHECK(past.passes.front().written.created == 4);
  CHECK(past.passes.back().ended == at(23));
  CHECK(past.passes.back().took == Millis{23});
}

TEST_CASE("what stays wrong keeps the time at which it began") {
  Past past;
  sync::CollectionReport report = ended(sync::PassKind::audit, sync::State::different);
  report.found.missing = 2;
  report.found.extra = 1;
  report.examples = {"a", "b"};
  past.add(report, at(1));
  report.found.differs = 1;
  report.examples = {"b", "c"};
  past.add(report, at(2));
  CHECK(past.trouble == at(1));
  CHECK(past.missing == at(1));
  CHECK(past.differs == at(2));
  CHECK(past.extra == at(1));
  CHECK(past.named == std::map<std::string, Instant>{{"b", at(1)}, {"c", at(2)}});
  past.add(ended(sync::PassKind::follow, sync::State::in_sync), at(3));
  CHECK(!past.trouble);
  CHECK(!past.missing);
  CHECK(past.extra == at(1));  // a follow does not see them
  CHECK(past.named.empty());
  past.add(report, at(4));
  CHECK(past.missing == at(4));
}

TEST_CASE("a pass that failed tells nothing of the differences") {
  Past past;
  sync::CollectionReport report = ended(sync::PassKind::audit, sync::State::different);
  report.found.missing = 2;
  report.brake = sync::BrakeReport{5, 1, {"x"}};
  past.add(report, at(1));
  sync::CollectionReport failed = ended(sync::PassKind::audit, sync::State::failed);
  failed.error = Error(Errc::failing, "503");
  past.add(failed, at(2));
  CHECK(past.trouble == at(1));
  CHECK(past.missing == at(1));
  CHECK(!past.brake);
  CHECK(past.error == at(2));
  CHECK(past.passes.back().error->message == "503");
}

}  // namespace kinto_mirror::daemon
