#pragma once
// The configuration read anew while the daemon runs, and what of it can be changed then.

#include "daemon/config.hpp"
#include "daemon/control/orders.hpp"
#include "daemon/session.hpp"
#include "daemon/status/service.hpp"
#include "sync/run/engine.hpp"

#include <string>
#include <vector>

namespace kinto_mirror::daemon {

// What differs between two configurations: names as `config show` has them, such as
// "sync.interval" and "replica[0].auth".
struct Changes {
  std::vector<std::string> taken;    // while it runs
  std::vector<std::string> restart;  // by a restart alone
};

// Pure.
Changes changes_of(const Config& before, const Config& now);

// `now`, as far as it can be taken: all else stays as it is in `before`. Pure.
Config with_changes(const Config& before, const Config& now);

// Reads flags, environment and file as at the start, and takes what can be taken; one that cannot
// be used changes nothing. `config`: as it was read last. Logs what it did.
Answer reload(Config& config, Session& session, sync::Engine& engine, StatusService& status);

}  // namespace kinto_mirror::daemon
