#pragma once

#include "daemon/command_table.hpp"
#include "daemon/switches.hpp"

#include <string>

namespace kinto_mirror::daemon {

// The answer to --help: at most 100 columns wide.
std::string help_text();

// The same behind a command: what it does, and the flags that are its own.
std::string help_text(const Command& command);

// Whether this flag means something to the command.
bool belongs(const Switch& one, const Command& command);

}  // namespace kinto_mirror::daemon
