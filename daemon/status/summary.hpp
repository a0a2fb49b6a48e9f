#pragma once
// The state of the daemon in one line, for the service manager.

#include "daemon/status/snapshot.hpp"

#include <string>

namespace kinto_mirror::daemon {

// "replica: following, 3 collections, in sync"; of loads and audits, how far they are together.
std::string summary(const Snapshot& snapshot);

}  // namespace kinto_mirror::daemon
