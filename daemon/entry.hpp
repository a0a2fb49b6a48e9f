#pragma once
// Everything between main() and a command.

#include "daemon/env_source.hpp"

#include <iosfwd>
#include <string>
#include <vector>

namespace kinto_mirror::daemon {

// What the commands are to the entry: functions, so that tests need no servers.
struct Commands {
  int (*run)(const Config&);
  int (*check)(const Config&);
  int (*selftest)(const Config&);
  int (*dump)(const Config&);
  int (*restore)(const Config&);
  int (*status)(const Config&);
  int (*healthcheck)(const Config&);
  int (*order)(const Config&);
};

struct Outside {
  Environment environment;
  bool on_terminal;  // stderr
  std::ostream& out;
  std::ostream& err;
  std::vector<std::string> variables = {};  // names of all that the environment holds
};

// Returns the exit code.
int enter(const std::vector<std::string>& args, const Outside& outside, const Commands& commands);

}  // namespace kinto_mirror::daemon
