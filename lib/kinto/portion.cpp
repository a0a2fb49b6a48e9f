#include "kinto/portion.hpp"

#include <algorithm>

namespace kinto_mirror::kinto {

void Portion::too_slow(std::int64_t amount) noexcept {
  most_ = std::min(most_, std::max(amount / 2, least_));
}

void Portion::too_large(std::int64_t amount, Instant now) noexcept {
  most_ = std::min(most_, std::max<std::int64_t>(amount / 2, 1));
  fixed_until_ = now + kept_for;
}

void Portion::came(std::int64_t amount, Millis took, Instant now) noexcept {
  if (most_ == unbounded || took >= quick || amount <= most_ / 2 || now < fixed_until_) return;
  constexpr std::int64_t plenty = std::int64_t{1} << 32;
  most_ = most_ >= plenty ? unbounded : most_ * 2;
}

}  // namespace kinto_mirror::kinto
