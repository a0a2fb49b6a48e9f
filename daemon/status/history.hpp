#pragma once
// The last hour in samples, for the plots of the page for people.

#include "daemon/status/snapshot.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace kinto_mirror::daemon {

class History {
 public:
  static constexpr Millis step{10'000};
  static constexpr std::size_t max_samples = 360;

  void add(const Snapshot& snapshot);

  // {"now", "at": [...], "master": {"name", "requests": [...]}, "replicas": [{"name", "lag": [...],
  // "written": [...], "requests": [...]}]}, and a line break. `at` and `now` are the machine's
  // clock in milliseconds; the lag is in seconds, rounded up; records written and requests are
  // those since the sample before.
  [[nodiscard]] std::string json(Stamp now) const;

 private:
  struct Server {
    std::string name;
    std::int64_t lag = 0;       // s
    std::int64_t written = 0;   // since the sample before
    std::int64_t requests = 0;  // likewise
  };
  struct Sample {
    Stamp at;
    std::vector<Server> servers;  // the master first
  };
  struct Totals {
    std::int64_t written = 0;
    std::int64_t requests = 0;
  };
  Server server(const ServerStatus& status, Millis lag, std::int64_t written);

  std::deque<Sample> samples_;
  std::map<std::string, Totals> totals_;  // by the server's name, at the last sample
};

}  // namespace kinto_mirror::daemon
