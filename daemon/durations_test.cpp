#include "daemon/durations.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace kinto_mirror::daemon {

TEST_CASE("durations are read, and written in the shortest way") {
  struct Row {
    const char* text;
    std::int64_t ms;
    const char* canonical;
  };
  const std::vector<Row> rows{
      {"5s", 5'000, "5s"},           {"250ms", 250, "250ms"}, {"1m", 60'000, "1m"},
      {"60s", 60'000, "1m"},         {"1h", 3'600'000, "1h"}, {"1m30s", 90'000, "1m30s"},
      {"90s", 90'000, "1m30s"},      {"0s", 0, "0s"},         {"1h0m5s", 3'605'000, "1h5s"},
      {"1s500ms", 1'500, "1s500ms"}, {"007s", 7'000, "7s"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Result<Millis> duration = parse_duration(row.text);
    REQUIRE(duration.has_value());
    CHECK(duration->count() == row.ms);
    CHECK(format_duration(*duration) == row.canonical);
  }
}

TEST_CASE("what is no duration is refused with a reason") {
  struct Row {
    const char* text;
    const char* reason;
  };
  const std::vector<Row> rows{
      {"", "is not a duration"},      {"banana", "is not a duration"}, {"5", "has no unit"},
      {"1m30", "has no unit"},        {"-5s", "is not a duration"},    {"+5s", "is not a duration"},
      {"5 s", "is not a duration"},   {"1.5s", "is not a duration"},   {"5S", "is not a duration"},
      {"30s1m", "is not a duration"}, {"1s1s", "is not a duration"},   {"5d", "is not a duration"},
      {"9999999999s", "is too long"}, {"s", "is not a duration"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Result<Millis> duration = parse_duration(row.text);
    REQUIRE(!duration);
    CHECK(duration.error().message.find(row.reason) != std::string::npos);
  }
}

TEST_CASE("bounds belong to the range") {
  const Millis least(100);
  const Millis most(1'000);
  CHECK(parse_duration("100ms", least, most).has_value());
  CHECK(parse_duration("1s", least, most).has_value());
  CHECK(parse_duration("99ms", least, most).error().message == "is shorter than 100ms");
  CHECK(parse_duration("1s1ms", least, most).error().message == "is longer than 1s");
}

}  // namespace kinto_mirror::daemon
