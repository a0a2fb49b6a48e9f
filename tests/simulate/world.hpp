#pragma once
// One simulated world, from a seed to a verdict.

#include "fault.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace kinto_mirror::simulate {

struct Verdict {
  std::optional<std::string> failure;  // the promise and what broke it
  std::string scenario;                // in one line
  std::map<Fault, std::int64_t> faults;
  std::int64_t requests = 0;
  std::int64_t crashes = 0;
  std::int64_t writes = 0;  // of people, to the master
  std::int64_t virtual_ms = 0;
  std::int64_t readers = 0;  // that were checked at the end
};

// With `trace` it tells the story on stdout.
Verdict simulate(std::uint64_t seed, bool trace);

}  // namespace kinto_mirror::simulate
