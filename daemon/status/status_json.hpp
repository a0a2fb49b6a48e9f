#pragma once
// The state of the daemon for machines: what `/status` answers and `status --json` prints.

#include "daemon/status/snapshot.hpp"

#include <string>

namespace kinto_mirror::daemon {

// One object on one line. Times are whole seconds, rounded up, so that 0 means none; stamps are
// Kinto's, in milliseconds.
std::string status_json(const Snapshot& snapshot);

}  // namespace kinto_mirror::daemon
