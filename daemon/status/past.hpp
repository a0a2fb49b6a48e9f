#pragma once
// What a collection of a replica has been through since the daemon started: its last passes, and
// since when what is wrong with it has been so.

#include "base/clock.hpp"
#include "sync/decide/report.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::daemon {

struct PastPass {
  sync::PassKind kind = sync::PassKind::audit;
  sync::State state = sync::State::failed;
  Instant ended{};
  Millis took{};
  std::int64_t master = 0;   // live records; of an audit or a load only
  std::int64_t replica = 0;  // likewise
  sync::Written written;
  sync::Differences found;  // extras: of an audit or a load only
  std::int64_t quarantined = 0;
  std::optional<Error> error;
};

struct Past {
  static constexpr std::size_t max_passes = 20;

  std::vector<PastPass> passes;  // the newest last
  // Since when; nothing: it is not so, as far as the last pass that looked for it could tell.
  std::optional<Instant> trouble;  // some state other than in_sync
  std::optional<Instant> missing;
  std::optional<Instant> differs;
  std::optional<Instant> extra;
  std::optional<Instant> brake;
  std::optional<Instant> error;
  std::map<std::string, Instant> named;  // ids of the first few records that are not alike

  // A pass ended `now`.
  void add(const sync::CollectionReport& report, Instant now);
};

}  // namespace kinto_mirror::daemon
