#pragma once
// How much to ask of a server, or to send to it, at once. Pure.

#include "base/clock.hpp"

#include <cstdint>
#include <limits>

namespace kinto_mirror::kinto {

// Unbounded until something did not come through. Then half of that, and it stays so small: what
// takes long, as on a line of 12 kB/s, is never tried larger. What comes quickly is, step by step,
// and some minutes later where the server itself has said how much is too much (413).
class Portion {
 public:
  static constexpr std::int64_t unbounded = std::numeric_limits<std::int64_t>::max();
  static constexpr Millis quick{5'000};

  static constexpr Millis kept_for{300'000};  // what the server has said

  // `least`: however slow it is.
  explicit Portion(std::int64_t least) noexcept : least_(least) {}

  // Whatever it counts: rows of a list, bytes of a request.
  [[nodiscard]] std::int64_t most() const noexcept { return most_; }

  // So much did not come through before the deadline.
  void too_slow(std::int64_t amount) noexcept;
  // So much was refused for its size.
  void too_large(std::int64_t amount, Instant now) noexcept;
  // So much came through.
  void came(std::int64_t amount, Millis took, Instant now) noexcept;

 private:
  std::int64_t least_;
  std::int64_t most_ = unbounded;
  Instant fixed_until_{};  // by what the server refuses
};

}  // namespace kinto_mirror::kinto
