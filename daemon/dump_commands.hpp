#pragma once
// `dump` and `restore`: a scope into a file, and a file into the replicas. Each writes its report
// to stdout and returns the exit code. REQUIRES: logging has been started.

#include "daemon/config.hpp"

namespace kinto_mirror::daemon {

int dump(const Config& config);

int restore(const Config& config);

}  // namespace kinto_mirror::daemon
