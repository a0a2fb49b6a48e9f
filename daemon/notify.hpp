#pragma once
// What the service manager is told: systemd's sd_notify(3), without its library.

#include "base/clock.hpp"
#include "daemon/env_source.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace kinto_mirror::daemon {

class Notify {
 public:
  // Reads NOTIFY_SOCKET (a path, or "@name" for an abstract socket), WATCHDOG_USEC and
  // WATCHDOG_PID. Without a socket nothing is told, and that is no fault.
  explicit Notify(const Environment& environment);
  ~Notify();
  Notify(const Notify&) = delete;
  Notify& operator=(const Notify&) = delete;

  [[nodiscard]] bool enabled() const noexcept { return socket_ >= 0; }

  // How often the watchdog wants a sign of life: half of its time; nothing without a watchdog for
  // this process.
  [[nodiscard]] std::optional<Millis> watchdog_interval() const noexcept { return interval_; }

  // "READY=1\nSTATUS=..."; sent at once or not at all. False: it was not taken.
  bool send(std::string_view state) const;

  // Signs of life and the status of the moment, until `stop` is requested.
  Task<void> run(Clock& clock, Stop& stop, std::function<std::string()> status) const;

 private:
  int socket_ = -1;
  std::optional<Millis> interval_;
};

// One line for STATUS=.
std::string status_line(std::string_view text);

}  // namespace kinto_mirror::daemon
