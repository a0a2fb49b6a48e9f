#pragma once
// What passes over the containers did and found, as log lines: a difference when it shows up and
// when it is over, and not in each interval between.

#include "daemon/throttle.hpp"
#include "sync/decide/containers_report.hpp"

#include <map>
#include <string>
#include <vector>

namespace kinto_mirror::daemon {

class ContainersLog {
 public:
  static constexpr std::size_t max_lines = 20;  // of one pass, of each sort; the rest is counted

  // REQUIRES: the clock outlives it.
  explicit ContainersLog(const Clock& clock) : clock_(clock) {}

  // `is_news`: why they could not be compared was not told by another line.
  void tell(const std::string& replica, const sync::ContainersReport& report, bool is_news = true);

 private:
  using Differences = std::map<std::string, sync::ContainerDifference>;  // by id and kind

  void tell_failure(const std::string& replica, const Error& error, bool is_news);
  void tell_differences(const std::string& replica, const sync::ContainersReport& report);

  const Clock& clock_;
  RepeatGate gate_;
  std::map<std::string, Differences> known_;  // by replica: what was told and lasts
  std::map<std::string, bool> in_sync_;       // by replica: told last
};

}  // namespace kinto_mirror::daemon
