#include "kinto/retry.hpp"

#include "kinto/date.hpp"

#include <algorithm>

namespace kinto_mirror::kinto {

namespace {

constexpr std::int64_t longest_seconds = 300;

// "12", "12.0" or "12.3" (13), at most longest_seconds.
std::optional<std::int64_t> seconds_of(std::string_view text) noexcept {
  constexpr std::string_view digits = "0123456789";
  constexpr std::string_view blanks = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  text = text.substr(0, text.find_last_not_of(blanks) + 1);
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  if (whole.empty() || whole.find_first_not_of(digits) != std::string_view::npos) {
    return std::nullopt;
  }
  std::int64_t seconds = 0;
  for (const char digit : whole) {
    seconds = std::min(seconds * 10 + (digit - '0'), longest_seconds);
  }
  if (point == std::string_view::npos) return seconds;
  const std::string_view fraction = text.substr(point + 1);
  if (fraction.empty() || fraction.find_first_not_of(digits) != std::string_view::npos) {
    return std::nullopt;
  }
  const bool more = fraction.find_first_not_of('0') != std::string_view::npos;
  return std::min(seconds + (more ? 1 : 0), longest_seconds);
}

// The longest of "5, 12", as two headers become one on their way.
std::optional<std::int64_t> longest_of(std::string_view text) noexcept {
  constexpr std::string_view separator = ", ";
  std::int64_t longest = 0;
  while (true) {
    const std::size_t end = text.find(separator);
    const auto seconds = seconds_of(text.substr(0, end));
    if (!seconds) return std::nullopt;
    longest = std::max(longest, *seconds);
    if (end == std::string_view::npos) return longest;
    text.remove_prefix(end + separator.size());
  }
}

}  // namespace

Millis backoff_delay(const RetryPolicy& policy, int attempt, double random) noexcept {
  Millis delay = policy.first;
  for (int i = 2; i < attempt && delay < policy.cap; ++i) delay *= 2;
  delay = std::min(delay, policy.cap);
  const auto ms = static_cast<double>(delay.count());
  return Millis(static_cast<std::int64_t>(ms * (1.0 - random / 2)));
}

std::optional<Millis> asked_wait(std::string_view header, Stamp now) {
  if (const auto seconds = longest_of(header)) return Millis(*seconds * 1000);
  const auto date = parse_date(header);
  if (!date) return std::nullopt;
  if (*date <= now) return Millis{0};
  // `now` may have been rounded down, as may the date: both have whole seconds.
  return Millis(std::min((date->ms - now.ms + 999) / 1000, longest_seconds) * 1000);
}

}  // namespace kinto_mirror::kinto
