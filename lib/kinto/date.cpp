#include "kinto/date.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <string>

namespace kinto_mirror::kinto {

namespace {

std::string_view trimmed(std::string_view text) noexcept {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

// Which of `names`, of three letters each, `name` is: 1 for "Jan" in "JanFeb...", 0 for none.
unsigned place_of(std::string_view name, std::string_view names) noexcept {
  const std::size_t at = names.find(name);
  return at == std::string_view::npos || at % 3 != 0 ? 0 : static_cast<unsigned>(at / 3) + 1;
}

// Of digits alone; -1 for what is none.
int number(std::string_view digits) noexcept {
  int out = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return -1;
    out = out * 10 + (c - '0');
  }
  return out;
}

// The form that everybody writes, to the letter. It is read for each answer, more than once, and
// strptime takes as long for it as all the rest of the answer does.
std::optional<Stamp> parse_usual(std::string_view text) noexcept {
  static constexpr std::string_view form = "Sun, 06 Nov 1994 08:49:37 GMT";
  constexpr std::array<std::size_t, 11> fixed{3, 4, 7, 11, 16, 19, 22, 25, 26, 27, 28};
  const auto as_in_form = [text](std::size_t at) { return text[at] == form[at]; };
  if (text.size() != form.size() || !std::ranges::all_of(fixed, as_in_form)) return std::nullopt;
  const unsigned month = place_of(text.substr(8, 3), "JanFebMarAprMayJunJulAugSepOctNovDec");
  const int day = number(text.substr(5, 2));
  const int year = number(text.substr(12, 4));
  const int hour = number(text.substr(17, 2));
  const int minute = number(text.substr(20, 2));
  const int second = number(text.substr(23, 2));
  const auto within = [](int value, int low, int high) { return value >= low && value <= high; };
  if (place_of(text.substr(0, 3), "SunMonTueWedThuFriSat") == 0 || month == 0 || year < 0 ||
      !within(day, 1, 31) || !within(hour, 0, 23) || !within(minute, 0, 59) ||
      !within(second, 0, 59)) {
    return std::nullopt;
  }
  // 31 Feb is 3 Mar, as timegm has it.
  const std::chrono::sys_days first = std::chrono::year{year} / std::chrono::month{month} / 1;
  const std::int64_t days = first.time_since_epoch().count() + day - 1;
  return Stamp{(((days * 24 + hour) * 60 + minute) * 60 + second) * 1000};
}

}  // namespace

std::optional<Stamp> parse_date(std::string_view header) {
  const std::string_view date = trimmed(header);
  if (const auto usual = parse_usual(date)) return usual;
  // The same in other letters, and two forms that are obsolete and must be understood all the same.
  constexpr const char* forms[] = {
      "%a, %d %b %Y %H:%M:%S GMT",  // SUN, 06 nov 1994 08:49:37 GMT
      "%a, %d-%b-%y %H:%M:%S GMT",  // Sunday, 06-Nov-94 08:49:37 GMT; up to 68 it is 20xx
      "%a %b %d %H:%M:%S %Y",       // Sun Nov  6 08:49:37 1994
  };
  const std::string text(date);  // strptime wants its end
  for (const char* form : forms) {
    std::tm parts{};
    const char* end = strptime(text.c_str(), form, &parts);
    if (end == nullptr || *end != '\0') continue;
    return Stamp{static_cast<std::int64_t>(timegm(&parts)) * 1000};
  }
  return std::nullopt;
}

}  // namespace kinto_mirror::kinto
