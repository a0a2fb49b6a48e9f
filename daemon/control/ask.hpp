#pragma once
// The commands that give an order to a running daemon.

#include "daemon/config.hpp"

#include <iosfwd>

namespace kinto_mirror::daemon {

// Prints the daemon's answer, as a line or with config.json as it came, and returns its exit code;
// 69 where no daemon answers.
int give_order(const Config& config, std::ostream& out, std::ostream& err);

}  // namespace kinto_mirror::daemon
