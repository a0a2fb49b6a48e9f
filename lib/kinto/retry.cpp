#include "kinto/retry.hpp"

#include "base/json_slice.hpp"

#include <algorithm>

namespace kinto_mirror::kinto {

Millis backoff_delay(const RetryPolicy& policy, int attempt, double random) noexcept {
  Millis delay = policy.first;
  for (int i = 2; i < attempt && delay < policy.cap; ++i) delay *= 2;
  delay = std::min(delay, policy.cap);
  const auto ms = static_cast<double>(delay.count());
  return Millis(static_cast<std::int64_t>(ms * (1.0 - random / 2)));
}

std::optional<Millis> asked_wait(std::string_view header) noexcept {
  constexpr std::int64_t longest_seconds = 300;
  const auto seconds = json::to_int(header);
  if (!seconds || *seconds < 0) return std::nullopt;
  return Millis(std::min(*seconds, longest_seconds) * 1000);
}

}  // namespace kinto_mirror::kinto
