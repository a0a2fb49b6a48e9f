#pragma once
// What the process tells its caller by its exit code: sysexits.h, as far as it has words for it.

#include "base/error.hpp"

namespace kinto_mirror::daemon {

enum class ExitCode : int {
  ok = 0,              // in sync, the same, passed
  different = 1,       // not in sync, differences, failed scenario, brake, quarantine
  usage = 64,          // a bad flag or a bad value of one
  unavailable = 69,    // a server cannot be reached or is no Kinto, a file stays locked
  internal = 70,       // a broken assumption of our own
  no_permission = 77,  // credentials refused or rights missing
  config = 78,         // a bad value in the environment or the file
};

ExitCode exit_code_of(Errc code) noexcept;

constexpr int to_int(ExitCode code) noexcept {
  return static_cast<int>(code);
}

}  // namespace kinto_mirror::daemon
