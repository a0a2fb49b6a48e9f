#include "kinto/retry.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::kinto {

TEST_CASE("the wait doubles up to the cap, and stays there") {
  const RetryPolicy policy;  // 250 ms to 10 s
  const std::vector<std::pair<int, int>> waits{{2, 250},    {3, 500},     {4, 1000},  {5, 2000},
                                               {6, 4000},   {7, 8000},    {8, 10000}, {9, 10000},
                                               {60, 10000}, {1000, 10000}};
  for (const auto& row : waits) {
    CAPTURE(row.first);
    CHECK(backoff_delay(policy, row.first, 0.0) == Millis(row.second));
  }
  CHECK(backoff_delay(policy, std::numeric_limits<int>::max(), 0.0) == Millis(10000));
}

TEST_CASE("chance takes up to half of the wait away, never more") {
  const RetryPolicy policy;
  for (int attempt = 2; attempt < 12; ++attempt) {
    CAPTURE(attempt);
    const Millis whole = backoff_delay(policy, attempt, 0.0);
    for (const double random : {0.0, 0.25, 0.5, 0.999999}) {
      const Millis wait = backoff_delay(policy, attempt, random);
      CHECK(wait <= whole);
      CHECK(wait >= whole / 2);
    }
    CHECK(backoff_delay(policy, attempt, 0.5) == whole * 3 / 4);
  }
}

TEST_CASE("a cap below the first wait holds") {
  RetryPolicy policy;
  policy.first = Millis(5000);
  policy.cap = Millis(1000);
  CHECK(backoff_delay(policy, 2, 0.0) == Millis(1000));
}

TEST_CASE("a server's wish is seconds, at most five minutes, or nothing") {
  const Stamp now{784111777000};  // 1994-11-06 08:49:37
  const std::vector<std::pair<std::string, std::int64_t>> wishes{
      {"0", 0},
      {"3", 3},
      {" 3\t", 3},
      {"12.0", 12},
      {"12.000", 12},
      {"1.5", 2},
      {"0.001", 1},
      {"299.1", 300},
      {"300", 300},
      {"300.5", 300},
      {"301", 300},
      {"5, 5", 5},
      {"5, 12.5, 3", 13},
      {"9223372036854775807", 300},
      {"99999999999999999999", 300},
      {"Sun, 06 Nov 1994 08:49:50 GMT", 13},
      {"Sunday, 06-Nov-94 08:49:50 GMT", 13},
      {"Sun Nov  6 08:49:50 1994", 13},
      {"Sun, 06 Nov 1994 08:49:37 GMT", 0},
      {"Sun, 06 Nov 1994 08:40:00 GMT", 0},
      {"Mon, 07 Nov 1994 08:49:37 GMT", 300},
  };
  for (const auto& row : wishes) {
    CAPTURE(row.first);
    CHECK(asked_wait(row.first, now) == Millis(row.second * 1000));
  }
  CHECK(asked_wait("Sun, 06 Nov 1994 08:49:50 GMT", Stamp{now.ms + 1}) == Millis(13'000));
  for (const std::string text :
       {"", " ", "-1", "+1", "soon", "3 s", "1e2", "1.", ".5", "1,5", "1.5.0", "0x10", "5, soon",
        "5, ", "1994-11-06T08:49:50Z", "Sun, 06 Nov 1994 08:49:50"}) {
    CAPTURE(text);
    CHECK_FALSE(asked_wait(text, now));
  }
}

}  // namespace kinto_mirror::kinto
