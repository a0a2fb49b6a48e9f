#pragma once
// SIGINT and SIGTERM: the first is noted, the second ends the process at once.

#include <csignal>
#include <stdexcept>

namespace kinto_mirror::selftest {

// The user wants the scenario to end.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted") {}
};

// REQUIRES: one at a time. Gives the signals back the handlers that they had.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  [[nodiscard]] bool requested() const noexcept;

 private:
  struct sigaction old_int_ {};
  struct sigaction old_term_ {};
};

}  // namespace kinto_mirror::selftest
