#pragma once
// Whether every server can be reached and accepts our credentials: asked when somebody wants to
// know, and then remembered for some seconds.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/task_group.hpp"

#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::daemon {

struct ServerHealth {
  std::string name;
  std::string url;
  std::optional<Error> error;  // names the server; nothing: it answers, and accepts us
};

struct Health {
  std::vector<ServerHealth> servers;  // the master first

  [[nodiscard]] bool ok() const noexcept;
};

// Asks one server. Must end by itself, and soon after it was made to stop.
struct HealthCheck {
  std::string name;
  std::string url;
  std::function<ResultTask<void>()> ask;
  // Where it answers well: what is known besides that keeps it from its work. May be empty.
  std::function<std::optional<Error>()> known = {};
};

struct HeartbeatLimits {
  Millis keep{5'000};      // an answer is good for so long
  Millis patience{5'000};  // a server that takes longer has failed
};

// One thread. At most one check is under way at a time, and all who ask share it.
class Heartbeat {
 public:
  Heartbeat(const boost::asio::any_io_executor& executor, const Clock& clock,
            std::vector<HealthCheck> checks, HeartbeatLimits limits = {});

  // REQUIRES: join() is awaited before the heartbeat goes.
  Task<Health> health();

  // Who waits gets what is known; nothing is asked any more.
  void close();
  Task<void> join() { return running_.join(); }

 private:
  void begin();
  Task<void> check(std::size_t index);
  [[nodiscard]] bool pending() const noexcept { return running_.running() > 0; }

  const Clock& clock_;
  std::vector<HealthCheck> checks_;
  HeartbeatLimits limits_;
  Health last_;                 // as far as it is known
  std::vector<bool> answered_;  // of the check under way, or the last one
  std::optional<Instant> begun_;
  boost::asio::steady_timer over_;  // runs out when patience does; cancelled when all is known
  TaskGroup running_;
  bool closed_ = false;
};

// What the page holds: {"status": "ok", "checks": {"master": "ok", ...}, "details": {"master":
// {"url": ...}, ...}}
std::string heartbeat_json(const Health& health);

}  // namespace kinto_mirror::daemon
