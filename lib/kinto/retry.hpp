#pragma once
// When to ask again, and when to leave a server in peace. Pure.

#include "base/clock.hpp"
#include "base/types.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace kinto_mirror::kinto {

struct RetryPolicy {
  Millis first{250};        // before the second attempt
  Millis cap{10'000};       // the longest wait between two attempts
  Millis patience{10'000};  // since the first failure; no attempt begins after it
  // A server that works and asks for more peace than this (Backoff) is given up.
  Millis longest_wait{300'000};
};

// The wait before attempt `attempt` (2 is the first repetition): doubles from `first` to `cap`, and
// `random` in [0, 1) takes up to half of it away, so that many clients do not come back together.
Millis backoff_delay(const RetryPolicy& policy, int attempt, double random) noexcept;

// The wait that a `Retry-After` or `Backoff` header asks for, at most five minutes (a server that
// asks for more is asked again then): seconds, rounded up where they have a fraction, or a date,
// which is meant by the server's clock, `now`. Nothing for a header that is neither.
std::optional<Millis> asked_wait(std::string_view header, Stamp now);

}  // namespace kinto_mirror::kinto
