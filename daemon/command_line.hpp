#pragma once
// The command line: which command, which of its switches, and the settings given as flags.

#include "daemon/command_table.hpp"
#include "daemon/source.hpp"

#include <string>
#include <vector>

namespace kinto_mirror::daemon {

struct CommandLine {
  bool help = false;               // asked for: nothing else counts
  const Command* about = nullptr;  // what --help stands behind; nothing: all is asked for
  bool version = false;            // as above; with config.json: at length
  Config config;                   // verb and switches are set, the rest awaits load_config()
  Source source;                   // settings given as flags; its errors are of Errc::usage
};

// `args` without the program's name. Flags may stand before, between or after the command's words,
// as `--flag value` or `--flag=value`.
CommandLine parse_command_line(const std::vector<std::string>& args);

}  // namespace kinto_mirror::daemon
