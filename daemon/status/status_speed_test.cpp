// What `/status` costs, from the engine's own state to the text.

#include "daemon/secrets.hpp"
#include "daemon/status/status_json.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>

namespace kinto_mirror::daemon {

namespace {

// A thousand collections that were loaded and have been followed since.
struct Site {
  SystemClock clock;
  Board board{clock};
  std::map<CollectionId, sync::CollectionState> listed;
  std::map<CollectionId, sync::CollectionState> unlisted;
  SnapshotInput input;

  Site() {
    input.replicas = {{"r", "http://b/v1"}};
    input.now = clock.now();
    for (int i = 0; i < 1000; ++i) {
      const CollectionId id("some-bucket", "collection-number-" + std::to_string(100'000 + i));
      sync::CollectionState& state = listed[id];
      state.checkpoint.emplace();
      state.chain = sync::Chain::compared;
      state.in_step_at = input.now;
      sync::CollectionReport report;
      report.id = id;
      report.state = sync::State::in_sync;
      for (int pass = 0; pass < 20; ++pass) board.pass_done("r", report);
    }
  }

  [[nodiscard]] std::string told(const SecretGuard& guard) const {
    sync::Standing standing;
    standing.replica = "r";
    standing.looked = standing.round = input.now;
    standing.listed = &listed;
    standing.unlisted = &unlisted;
    return guard.clean(status_json(take_snapshot(input, board, {standing})));
  }
};

}  // namespace

TEST_CASE("the state of a thousand collections is told in time") {
  const Site site;
  SecretGuard guard;
  guard.add({"user:password", "password", "another:password-of-another"});
  auto best = std::chrono::steady_clock::duration::max();
  for (int i = 0; i < 20; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const std::string text = site.told(guard);
    best = std::min(best, std::chrono::steady_clock::now() - begin);
    REQUIRE(text.size() > 300'000);
  }
  const double ms = std::chrono::duration<double, std::milli>(best).count();
  MESSAGE("the state of 1,000 collections takes " << ms << " ms");
#ifdef __OPTIMIZE__
  CHECK(ms < 50);  // 5 is promised of a release build on a quiet machine
#endif
}

}  // namespace kinto_mirror::daemon
