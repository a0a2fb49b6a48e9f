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
  for (const auto& [attempt, ms] : waits) {
    CAPTURE(attempt);
    CHECK(backoff_delay(policy, attempt, 0.0) == Millis(ms));
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
  CHECK(asked_wait("0") == Millis(0));
  CHECK(asked_wait("3") == Millis(3000));
  CHECK(asked_wait("300") == Millis(300'000));
  CHECK(asked_wait("301") == Millis(300'000));
  CHECK(asked_wait("9223372036854775807") == Millis(300'000));
  for (const std::string text :
       {"", "-1", "soon", "1.5", "3 s", "Tue, 24 Nov 2026 03:48:49 GMT", "99999999999999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(asked_wait(text));
  }
}

}  // namespace kinto_mirror::kinto
