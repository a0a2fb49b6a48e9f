#pragma once
// The state of the daemon for Prometheus: what `/metrics` answers.

#include "daemon/status/snapshot.hpp"

#include <cstddef>
#include <string>

namespace kinto_mirror::daemon {

// The text exposition format, version 0.0.4. Of each replica the first `max_collections` have
// series of their own, by id; of the others there is one, with collection="other": the longest lag,
// and else the sums.
inline constexpr std::size_t max_collections = 1000;
std::string metrics_text(const Snapshot& snapshot, std::string_view commit);

}  // namespace kinto_mirror::daemon
