#pragma once
// Settings from KINTO_MIRROR_* environment variables.

#include "daemon/source.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::daemon {

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// The environment of this process.
std::optional<std::string> process_environment(const std::string& name);

// The names of all its variables.
std::vector<std::string> process_variables();

// What to say of those among `names` that begin with KINTO_MIRROR_ and mean nothing: a setting that
// was misspelt would silently be without effect. Left alone are those that Kubernetes makes for a
// Service whose name begins with kinto-mirror: KINTO_MIRROR_SERVICE_HOST,
// KINTO_MIRROR_PORT_8888_TCP_ADDR, ... `replicas`: how they are called. Pure.
std::vector<std::string> unknown_variables(const std::vector<std::string>& names,
                                           const std::vector<std::string>& replicas);

// An empty variable counts as unset.
Source read_environment(const Environment& environment);

}  // namespace kinto_mirror::daemon
