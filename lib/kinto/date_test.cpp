#include "kinto/date.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <ctime>
#include <string>

namespace kinto_mirror::kinto {

TEST_CASE("a Date is read to the second, whatever zone the machine is in") {
  ::setenv("TZ", "EST5EDT", 1);
  ::tzset();
  CHECK(parse_date("Thu, 01 Jan 1970 00:00:01 GMT") == Stamp{1000});
  CHECK(parse_date("Tue, 24 Nov 2026 03:48:49 GMT") == Stamp{1795492129000});
  CHECK(parse_date("Tuesday, 24-Nov-26 03:48:49 GMT") == Stamp{1795492129000});
  CHECK(parse_date("Tue Nov 24 03:48:49 2026") == Stamp{1795492129000});
  CHECK(parse_date("Sunday, 06-Nov-94 08:49:37 GMT") == Stamp{784111777000});
  CHECK(parse_date("Sun Nov  6 08:49:37 1994") == Stamp{784111777000});
  CHECK(parse_date("TUE, 24 nov 2026 03:48:49 GMT") == Stamp{1795492129000});
  CHECK(parse_date("Mon, 31 Feb 2026 23:59:59 GMT") == parse_date("Mon Feb 31 23:59:59 2026"));
  CHECK(parse_date("Thu, 29 Feb 2024 00:00:00 GMT") == Stamp{1709164800000});
  for (const std::string text : {"", "now", "Tue, 24 Nov 2026 03:48:49", "1795492129",
                                 "Tue, 24 Nov 2026 24:48:49 GMT", "Tue, 00 Nov 2026 03:48:49 GMT",
                                 "Tux, 24 Nov 2026 03:48:49 GMT", "Tue, 24 ovD 2026 03:48:49 GMT",
                                 "Tue, 24 Nov 2026 03:48:49 GMT+1", "2026-11-24T03:48:49Z"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_date(text));
  }
  ::unsetenv("TZ");
  ::tzset();
}

// The usual form is read by itself, and must mean what strptime makes of the same in other letters.
TEST_CASE("every day of four years is what the C library makes of it") {
  constexpr std::int64_t day_ms = 86'400'000;
  constexpr std::int64_t begin = 19'692 * day_ms;  // 1 Dec 2023
  constexpr std::int64_t days = 4 * 366;
  for (std::int64_t day = 0; day < days; ++day) {
    const std::int64_t ms = begin + day * day_ms + day * 1000 * 59 % day_ms;
    const std::time_t seconds = ms / 1000;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[64];
    const std::size_t size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    const std::string usual(text, size);
    std::string lower = usual;
    lower[0] = static_cast<char>(lower[0] + ('a' - 'A'));
    CAPTURE(usual);
    CHECK(parse_date(usual) == Stamp{ms});
    CHECK(parse_date(lower) == Stamp{ms});
  }
  for (const std::string text :
       {"Sun, 06 Nov 1994 08:49:60 GMT", "Sun,  6 Nov 1994 08:49:37 GMT"}) {
    CAPTURE(text);
    CHECK(parse_date(text).has_value());
  }
}

}  // namespace kinto_mirror::kinto
