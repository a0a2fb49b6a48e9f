#include "sync/decide/activity.hpp"

#include <algorithm>
#include <cstdint>

namespace kinto_mirror::sync {

namespace {

constexpr int looks_after_rest = 4;
constexpr int looks_while_lively = 16;
constexpr int most_doublings = 30;

}  // namespace

void Activity::changed(Instant now, const Rhythm& rhythm) noexcept {
  lively_ = due(rhythm).has_value();
  stirred_ = true;
  in_vain_ = 0;
  last_ = std::max(last_, now);
}

void Activity::looked(Instant now) noexcept {
  ++in_vain_;
  looked_ = now;
  last_ = std::max(last_, now);
}

std::optional<Instant> Activity::due(const Rhythm& rhythm) const noexcept {
  if (!stirred_) return std::nullopt;
  const int in_rhythm = lively_ ? looks_while_lively : looks_after_rest;
  const int doublings = std::clamp(in_vain_ - in_rhythm + 1, 0, most_doublings);
  const Millis wait = rhythm.active * (std::int64_t{1} << doublings);
  if (wait >= rhythm.interval) return std::nullopt;
  return last_ + wait;
}

}  // namespace kinto_mirror::sync
