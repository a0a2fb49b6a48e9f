#pragma once
// The commands that drive the engine. Each writes its report to stdout and returns the exit code.
// REQUIRES: logging has been started.

#include "daemon/config.hpp"

namespace kinto_mirror::daemon {

// Follows until SIGTERM or SIGINT; with config.once one pass.
int run(const Config& config);

int check(const Config& config);

int selftest(const Config& config);

// These ask a running daemon, or give it an order, and log nothing.
int status(const Config& config);
int healthcheck(const Config& config);
int order(const Config& config);

}  // namespace kinto_mirror::daemon
