#pragma once
// Time is passed in, so that a whole daemon can run on virtual time.

#include "base/stop.hpp"
#include "base/task.hpp"
#include "base/types.hpp"

#include <chrono>
#include <cstdint>

namespace kinto_mirror {

using Millis = std::chrono::milliseconds;
// Monotonic time, since an arbitrary beginning.
using Instant = std::chrono::time_point<std::chrono::steady_clock, Millis>;

// The next stroke of a beat that all who keep it share, whenever they began. Example: at 12.3 s,
// every 5 s: 15 s. REQUIRES: every > 0.
constexpr Instant next_beat(Instant now, Millis every) noexcept {
  return Instant{(now.time_since_epoch() / every + 1) * every};
}

class Clock {
 public:
  virtual ~Clock() = default;

  // Monotonic: for deadlines, intervals and durations.
  [[nodiscard]] virtual Instant now() const = 0;

  // The machine's idea of the time, for reports and logs only: decisions about stamps use the
  // servers' own `Date`.
  [[nodiscard]] virtual Stamp wall() const = 0;

  // Returns after `duration`, or as soon as `stop` is requested.
  virtual Task<void> sleep(Millis duration, Stop& stop) = 0;
};

// The machine's clock, with timers of the calling coroutine's executor.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override;
  [[nodiscard]] Stamp wall() const override;
  Task<void> sleep(Millis duration, Stop& stop) override;
};

}  // namespace kinto_mirror
