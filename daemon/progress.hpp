#pragma once
// One line on the terminal that tells how far long work is. Nothing where stderr is no terminal.

#include "base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace kinto_mirror::daemon {

struct ProgressState {
  std::string what;                   // "audit of main/certs"
  std::int64_t done = 0;              // records
  std::optional<std::int64_t> total;  // where it is known
  Millis elapsed{};
};

// "load of main/certs: 1,234 of 10,000 records, 850/s, 10s left", cut to `columns`.
std::string format_progress(const ProgressState& state, std::size_t columns);

// REQUIRES: at most one at a time, since it registers itself with the log to make room for lines.
class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Draws, but no more often than ten times a second.
  void update(const ProgressState& state);

  // Takes the line away: at the end, and before a report is written to the same terminal.
  void clear();

 private:
  bool active_;
  bool drawn_ = false;
  std::optional<Instant> last_;
};

}  // namespace kinto_mirror::daemon
