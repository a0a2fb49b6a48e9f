#pragma once
// What every driver of a pass needs. All references outlive the pass and the background group.

#include "base/clock.hpp"
#include "base/task_group.hpp"
#include "kinto/server.hpp"
#include "sync/decide/options.hpp"
#include "sync/observer.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace kinto_mirror::sync {

// Records that a replica answered with 503 when each was asked alone, by Kinto's own word. The
// first time that may be a bad moment of the server's, and ends the pass of the collection, so that
// nothing newer comes before the record; the next pass, which meets it again, at whatever version,
// while other writes are taken, knows that it is the record (hazard 19: a null character on
// PostgreSQL).
class Suspects {
 public:
  static constexpr std::size_t max_held = 1'000;
  static constexpr Millis a_bad_moment{5'000};  // a server may be back after that
  static constexpr Millis forgotten_after{3'600'000};

  // Met at `now`. False where that was for the first time, or not long after it.
  bool met(const CollectionId& collection, const std::string& record, Instant now) {
    if (held_.size() >= max_held) held_.clear();
    Met& met = held_.try_emplace({collection, record}, Met{now, now}).first->second;
    if (now - std::exchange(met.last, now) > forgotten_after) met.first = now;
    return now - met.first >= a_bad_moment;
  }
  // The replica has taken it.
  void cleared(const CollectionId& collection, const std::string& record) {
    if (!held_.empty()) held_.erase({collection, record});
  }
  [[nodiscard]] bool holds(const CollectionId& collection, const std::string& record) const {
    return !held_.empty() && held_.contains({collection, record});
  }

 private:
  struct Met {
    Instant first{};
    Instant last{};
  };
  std::map<std::pair<CollectionId, std::string>, Met> held_;
};

// What was found out about a replica, for as long as the daemon runs.
struct ReplicaTraits {
  std::optional<bool> holds_stamps_once;  // see write/free_stamps.hpp
  Suspects suspects;
};

struct PassContext {
  kinto::Server& master;
  kinto::Server& replica;
  const Options& options;
  Clock& clock;
  Stop& stop;
  TaskGroup& background;  // pages read ahead; joined by the engine
  Observer& observer;
  ReplicaTraits& traits;
};

}  // namespace kinto_mirror::sync
