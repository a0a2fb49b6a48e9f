#pragma once
// From all sources to one configuration: flag > environment > file > default.

#include "daemon/command_line.hpp"
#include "daemon/env_source.hpp"

namespace kinto_mirror::daemon {

struct Loaded {
  Config config;              // as far as it could be understood
  std::vector<Error> errors;  // one line each: Errc::usage (flags) or Errc::config
};

// `on_terminal`: whether the log goes to people.
Loaded load_config(CommandLine command_line, const Environment& environment, bool on_terminal);

}  // namespace kinto_mirror::daemon
