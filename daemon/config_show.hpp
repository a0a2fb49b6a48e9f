#pragma once
// The effective configuration for people and programs, secrets masked.

#include "daemon/config.hpp"
#include "daemon/logging.hpp"

#include <string>

namespace kinto_mirror::daemon {

// Lines of TOML, each value with a comment that says where it came from.
std::string show_config(const Config& config);

// {"sync": {"interval": {"value": "5s", "from": "default"}, ...}, "replica": [{...}], ...}
std::string show_config_json(const Config& config);

// What of the file does not count, since a flag or a variable gives another value:
// "sync.interval: KINTO_MIRROR_INTERVAL over mirror.toml:12, ..."; empty where all of it counts.
std::string overrides_text(const Config& config);

// "sync.interval" = "5s", ...: for the log line at the start of the daemon.
Fields config_fields(const Config& config);

}  // namespace kinto_mirror::daemon
