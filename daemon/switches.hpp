#pragma once
// Flags that belong to a command and not to the configuration: they have no environment variable,
// no key in the file, and mean nothing elsewhere.

#include "daemon/config.hpp"

#include <span>
#include <string_view>

namespace kinto_mirror::daemon {

struct Switch {
  std::string_view flag;
  std::string_view operand;  // what --help calls the value; empty: takes none
  std::string_view home;     // the commands it belongs to, for people
  std::string_view help;
  bool (*belongs)(const Config&);
  Result<void> (*apply)(std::string_view text, Config&);
};

// In the order of --help. A later one may rely on what earlier ones set.
std::span<const Switch> switches();

}  // namespace kinto_mirror::daemon
