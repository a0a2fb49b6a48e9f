#pragma once
// Log lines for machines: mozlog 2.0, as Kinto's own log is.

#include "daemon/event.hpp"

#include <string>

namespace kinto_mirror::daemon {

struct Process {
  std::string hostname;
  std::int64_t pid = 0;

  static Process current();
};

// One JSON object without a line end. Invalid UTF-8 is replaced.
std::string mozlog_line(const Event& event, const Process& process);

}  // namespace kinto_mirror::daemon
