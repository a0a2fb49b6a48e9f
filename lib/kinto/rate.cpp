#include "kinto/rate.hpp"

#include <algorithm>

namespace kinto_mirror::kinto {

namespace {

// Long after the last refusal the limiter may be gone: faster tries cost little then.
constexpr Millis forgiving{60'000};
// Below it a limiter cannot be told from the server's own speed.
constexpr Millis negligible{5};

}  // namespace

void Rate::refused(Instant sent, Instant now, int status) noexcept {
  in_a_row_ = 0;
  if (sent < slowed_) return;
  const bool gateway = status == 502 || status == 504;
  const Millis most = gateway ? std::max(spacing_, longest_of_gateway) : longest;
  spacing_ = std::clamp(spacing_ * 2, first, most);
  slowed_ = now;
  next_ = std::max(next_, now + spacing_);
}

void Rate::answered(Instant now) noexcept {
  last_answered_ = now;
  if (spacing_ == Millis{0} || ++in_a_row_ < steady) return;
  in_a_row_ = 0;
  const bool forgiven = now - slowed_ > forgiving;
  spacing_ = forgiven ? spacing_ / 2 : spacing_ * 7 / 8;
  if (spacing_ < negligible) spacing_ = Millis{0};
}

}  // namespace kinto_mirror::kinto
