#pragma once
// Settings from KINTO_MIRROR_* environment variables.

#include "daemon/source.hpp"

#include <functional>
#include <optional>
#include <string>

namespace kinto_mirror::daemon {

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// The environment of this process.
std::optional<std::string> process_environment(const std::string& name);

// An empty variable counts as unset. Other variables that begin with KINTO_MIRROR_ are left alone:
// Kubernetes sets some for a service of that name.
Source read_environment(const Environment& environment);

}  // namespace kinto_mirror::daemon
