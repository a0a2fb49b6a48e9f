#include "sync/pace.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

namespace {

// One batch in ten meets a pause of the server's, which tells nothing.
template <class Times>
Millis median(Times times) noexcept {
  std::ranges::sort(times);
  return times[times.size() / 2];
}

}  // namespace

int Pace::in_flight() const noexcept {
  if (alone_.done < tried) return 1;
  if (side_by_side_.done < tried) return std::min(2, most_);
  // Each of a pair may take nearly as long as two alone before it pays no more.
  return median(side_by_side_.times) * 10 < median(alone_.times) * 17 ? most_ : 1;
}

void Pace::answered(Millis took, int in_flight) noexcept {
  Trial& trial = in_flight > 1 ? side_by_side_ : alone_;
  if (trial.done < tried) trial.times[trial.done++] = took;
}

}  // namespace kinto_mirror::sync
