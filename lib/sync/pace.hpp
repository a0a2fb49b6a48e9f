#pragma once
// How many batches a replica should have in flight. Pure.

#include "base/clock.hpp"

#include <array>
#include <cstddef>

namespace kinto_mirror::sync {

// PostgreSQL stores two batches at a time nearly twice as fast as one. Kinto's memory backend,
// which does one thing at a time, takes longer for two than for one after the other. So it is
// tried: a few batches alone, a few side by side, and then what was faster.
class Pace {
 public:
  // `most`: never more in flight than this.
  explicit Pace(int most) noexcept : most_(most) {}

  [[nodiscard]] int in_flight() const noexcept;

  // A batch was answered after `took`, and was one of `in_flight` when it was sent.
  void answered(Millis took, int in_flight) noexcept;

 private:
  static constexpr std::size_t tried = 6;  // batches of each kind
  using Times = std::array<Millis, tried>;
  int most_;
  struct Trial {
    Times times{};
    std::size_t done = 0;
  };
  Trial alone_;
  Trial side_by_side_;
};

}  // namespace kinto_mirror::sync
