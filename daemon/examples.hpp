#pragma once
// The one table of examples: the help of each command and the manual read it.

#include "daemon/config.hpp"

#include <span>
#include <string_view>

namespace kinto_mirror::daemon {

struct Example {
  Verb verb;
  std::string_view what;  // a sentence without its end
  std::string_view line;  // for a shell
};

// In the order of the commands.
std::span<const Example> examples();

}  // namespace kinto_mirror::daemon
