#pragma once
// From all sources to one configuration: flag > environment > file > default.

#include "daemon/command_line.hpp"
#include "daemon/env_source.hpp"

namespace kinto_mirror::daemon {

struct Loaded {
  Config config;              // as far as it could be understood
  std::vector<Error> errors;  // one line each: Errc::usage (flags) or Errc::config
};

// Read where it exists and no other file is named.
inline constexpr std::string_view default_config_file = "/etc/kinto-mirror/kinto-mirror.toml";

// `on_terminal`: whether the log goes to people. `default_file`: empty for none.
Loaded load_config(CommandLine command_line, const Environment& environment, bool on_terminal,
                   std::string_view default_file = default_config_file);

}  // namespace kinto_mirror::daemon
