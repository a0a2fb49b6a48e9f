#include "daemon/durations.hpp"

#include <array>
#include <cstdint>

namespace kinto_mirror::daemon {

namespace {

struct Unit {
  std::string_view name;
  std::int64_t ms;
};

constexpr std::array<Unit, 4> units{{{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

// Beyond this many digits no duration is meant, and the arithmetic below could overflow.
constexpr std::size_t max_digits = 9;

std::string_view take_while(std::string_view& text, bool digits) {
  std::size_t count = 0;
  while (count < text.size() && (text[count] >= '0' && text[count] <= '9') == digits) ++count;
  const std::string_view taken = text.substr(0, count);
  text.remove_prefix(count);
  return taken;
}

Error refused(std::string reason) {
  return Error(Errc::config, std::move(reason));
}

}  // namespace

Result<Millis> parse_duration(std::string_view text) {
  std::int64_t total = 0;
  std::size_t next_unit = 0;  // the larger unit comes first
  if (text.empty()) return refused("is not a duration");
  while (!text.empty()) {
    const std::string_view digits = take_while(text, true);
    const std::string_view name = take_while(text, false);
    if (digits.empty()) return refused("is not a duration");
    if (name.empty()) return refused("has no unit (h, m, s or ms)");
    if (digits.size() > max_digits) return refused("is too long");
    std::size_t unit = next_unit;
    while (unit < units.size() && units[unit].name != name) ++unit;
    if (unit == units.size()) return refused("is not a duration");
    next_unit = unit + 1;
    total += std::stoll(std::string(digits)) * units[unit].ms;
  }
  return Millis(total);
}

Result<Millis> parse_duration(std::string_view text, Millis least, Millis most) {
  Result<Millis> duration = parse_duration(text);
  if (!duration) return duration;
  if (*duration < least) return refused("is shorter than " + format_duration(least));
  if (*duration > most) return refused("is longer than " + format_duration(most));
  return duration;
}

std::string format_duration(Millis duration) {
  std::int64_t rest = duration.count();
  if (rest == 0) return "0s";
  std::string text;
  for (const Unit& unit : units) {
    if (rest >= unit.ms) text += std::to_string(rest / unit.ms) + std::string(unit.name);
    rest %= unit.ms;
  }
  return text;
}

}  // namespace kinto_mirror::daemon
