#pragma once
// One server's part in the heartbeat: does it answer as Kinto does, and accept our credentials?

#include "daemon/status/heartbeat.hpp"
#include "kinto/server.hpp"

#include <memory>

namespace kinto_mirror::daemon {

enum class Role { master, replica };

// `asked` is a client of its own, so that no probe waits behind the work, and tries nothing twice;
// `working` is the one that works. Where a failing server asked that one to leave it alone
// (Retry-After), or any server asked this one (Backoff too), the last finding stands for so long.
// `working` outlives the check.
HealthCheck server_check(Role role, std::shared_ptr<kinto::Server> asked,
                         const kinto::Server& working);

}  // namespace kinto_mirror::daemon
