#pragma once
// How fast a server may be asked, where something in front of it refuses what comes too fast. Pure.

#include "base/clock.hpp"

namespace kinto_mirror::kinto {

// Additive caution is for networks; a limiter has one rate, and it is found by halving: each
// refusal doubles the time between two requests, some answers in a row take an eighth of it away
// again. Example, a limiter of 5 a second: refused at once, then after 50 and 100 ms, answered
// after 200; from then on one request each 200 ms, and now and then a try at 175.
class Rate {
 public:
  // No request before it. Whoever waited asks again: another one may have been faster.
  [[nodiscard]] Instant ready() const noexcept { return next_; }
  void sent(Instant now) noexcept { next_ = now + spacing_; }

  // A request that was sent at `sent` was refused by something in front of the server. Those that
  // were sent before the last slowing down say nothing new. A limiter answers 429 or 503; a gateway
  // that has lost its server (502, 504) does not lose it less often for being asked ever later.
  void refused(Instant sent, Instant now, int status) noexcept;
  // A request was answered, however.
  void answered(Instant now) noexcept;

  // Between two requests; 0: as fast as they come.
  [[nodiscard]] Millis spacing() const noexcept { return spacing_; }
  // When a request was last answered; the beginning of time where none was.
  [[nodiscard]] Instant last_answered() const noexcept { return last_answered_; }

  static constexpr Millis first{50};
  static constexpr Millis longest{2'000};  // of a limiter: half a request a second
  static constexpr Millis longest_of_gateway{400};

 private:
  static constexpr int steady = 8;  // answers in a row before it is tried faster

  Millis spacing_{0};
  Instant next_{};
  Instant slowed_{};
  Instant last_answered_{};
  int in_a_row_ = 0;
};

}  // namespace kinto_mirror::kinto
