#pragma once
// What every driver of a pass needs. All references outlive the pass and the background group.

#include "base/clock.hpp"
#include "base/task_group.hpp"
#include "kinto/server.hpp"
#include "sync/decide/options.hpp"
#include "sync/decide/pauses.hpp"
#include "sync/decide/suspects.hpp"
#include "sync/observer.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace kinto_mirror::sync {

// What was found out about a replica, and what an operator has ordered there, for as long as the
// daemon runs.
struct ReplicaTraits {
  std::optional<bool> holds_stamps_once;  // see write/free_stamps.hpp
  Suspects suspects;
  std::string user;         // the daemon's own there, as hello told last; empty: not known
  std::string master_user;  // likewise on the master
  bool master_has_history = false;
  std::set<std::string> told_principals;  // that may mean nobody there
  // Collections that the daemon has created since it looks after it, and not visited yet: nobody
  // reads them.
  std::set<CollectionId> created;
  // Collections that the replica had not when the containers were compared, and has now, whoever
  // made them (the answer may have been lost), and that no audit has begun with since: nothing that
  // was known of their records holds.
  std::set<CollectionId> lacked;
  Pauses pauses;
  // So many deletes go in the next audit, whatever the brake says.
  std::map<CollectionId, std::int64_t> released;
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
