#pragma once
// Deadlines of sockets are the machine's own time, also where a daemon runs on virtual time: there
// no socket is.

#include "base/clock.hpp"

namespace kinto_mirror::http {

inline Instant now() {
  return std::chrono::time_point_cast<Millis>(std::chrono::steady_clock::now());
}

}  // namespace kinto_mirror::http
