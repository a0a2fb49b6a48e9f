#include "kinto/freshness.hpp"

#include "base/json_slice.hpp"
#include "kinto/date.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace kinto_mirror::kinto {

namespace {

// Servers behind one address may disagree so far, and `Date` has whole seconds.
constexpr std::int64_t tolerance_ms = 10'000;
// The same of two headers of one answer, which one server made at one moment.
constexpr std::int64_t rounding_ms = 1'500;
// RFC 9111, 1.2.2: what is beyond it counts as this many seconds.
constexpr std::int64_t longest_age = std::int64_t{1} << 31;

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

// The seconds of `max-age` in a Cache-Control header.
std::optional<std::int64_t> max_age(std::string_view cache_control) {
  const std::string text = lower(cache_control);
  constexpr std::string_view name = "max-age=";
  const std::size_t at = text.find(name);
  if (at == std::string::npos || (at > 0 && text[at - 1] == '-')) return std::nullopt;
  const std::size_t begin = at + name.size();
  const std::size_t end = text.find_first_not_of("0123456789", begin);
  return json::to_int(std::string_view(text).substr(begin, end - begin));
}

std::string said(std::string_view name, std::string_view value) {
  return std::string(name) + ": " + std::string(value.substr(0, 60));
}

}  // namespace

void ServerClock::told(Stamp date, Instant now, bool by_post) noexcept {
  if (date.ms <= 0 || (!by_post && date < at_least(now))) return;
  date_ = date;
  at_ = now;
}

Stamp ServerClock::at_least(Instant now) const noexcept {
  if (date_.ms == 0) return {};
  return Stamp{date_.ms + (now - at_).count()};
}

std::string sign_of_storage(const http::Headers& headers, Millis took) {
  if (const auto age = http::find_header(headers, "Age")) {
    if (json::to_int(*age).value_or(0) > 0) return said("Age", *age);
  }
  if (const auto status = http::find_header(headers, "Cache-Status")) {
    if (lower(*status).find("; hit") != std::string::npos) return said("Cache-Status", *status);
  }
  constexpr std::array names{"X-Cache", "X-Cache-Status", "X-Proxy-Cache", "CF-Cache-Status"};
  for (const std::string_view name : names) {
    const auto value = http::find_header(headers, name);
    if (!value) continue;
    const std::string word = lower(*value);
    if (word.starts_with("hit") || word.starts_with("stale") || word.starts_with("updating")) {
      return said(name, *value);
    }
  }
  const auto control = http::find_header(headers, "Cache-Control");
  const auto expires = http::find_header(headers, "Expires");
  const auto date = http::find_header(headers, "Date");
  if (!control || !expires || !date) return {};
  const auto seconds = max_age(*control);
  const auto until = parse_date(*expires);
  const auto now = parse_date(*date);
  if (!seconds || !until || !now) return {};
  const std::int64_t made = until->ms - std::min(*seconds, longest_age) * 1000;
  return made + took.count() + rounding_ms < now->ms ? said("Expires", *expires) : std::string();
}

std::string sign_of_age(const http::Headers& headers, Stamp clock) {
  const auto header = http::find_header(headers, "Date");
  const auto date = header ? parse_date(*header) : std::nullopt;
  if (!date || date->ms + tolerance_ms >= clock.ms) return {};
  return said("Date", *header) + ", " + std::to_string((clock.ms - date->ms) / 1000) +
         " s before the request, unless the clocks of several servers behind this address differ";
}

}  // namespace kinto_mirror::kinto
