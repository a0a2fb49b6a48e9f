#pragma once
// The commands that ask a running daemon over its status pages.

#include "daemon/config.hpp"

#include <iosfwd>

namespace kinto_mirror::daemon {

// Prints the state of the daemon, as a table or with config.json as it came. Returns the exit code:
// 0 when the daemon answered, whatever it said.
int status(const Config& config, std::ostream& out, std::ostream& err);

// Prints one line, and returns 0 when the daemon is healthy and 1 when it is not, or cannot be
// asked.
int healthcheck(const Config& config, std::ostream& out);

// "healthy: ..." or "unhealthy: ..." of what `/__heartbeat__` answered. Pure.
std::string health_line(int status, std::string_view body);

}  // namespace kinto_mirror::daemon
