#include "sync/pace.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

// One batch in ten meets a pause of the server's, which tells nothing.
Millis Pace::median(Times times) noexcept {
  std::ranges::sort(times);
  return times[tried / 2];
}

int Pace::in_flight() const noexcept {
  if (answered_ < tried) return 1;
  const int pair = std::min(2, most_);
  if (answered_ < 2 * tried) return pair;
  // Each of a pair may take nearly as long as two alone before it pays no more.
  return median(side_by_side_) * 10 < median(alone_) * 17 ? most_ : 1;
}

void Pace::answered(Millis took) noexcept {
  if (answered_ >= 2 * tried) return;
  Times& times = answered_ < tried ? alone_ : side_by_side_;
  times[answered_ % tried] = took;
  ++answered_;
}

}  // namespace kinto_mirror::sync
