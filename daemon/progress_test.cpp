#include "daemon/progress.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

TEST_CASE("a progress line tells records, rate and time left") {
  const ProgressState state{"load of main/certs", 1'234, 10'000, Millis(1'000)};
  CHECK(format_progress(state, 100) ==
        "load of main/certs: 1,234 of 10,000 records, 1,234/s, 8s left");
}

TEST_CASE("what is not known yet is left out") {
  CHECK(format_progress({"audit", 0, std::nullopt, Millis(0)}, 100) == "audit: 0 records");
  CHECK(format_progress({"audit", 5, std::nullopt, Millis(1'000)}, 100) == "audit: 5 records, 5/s");
  CHECK(format_progress({"audit", 0, 10, Millis(1'000)}, 100) == "audit: 0 of 10 records");
  CHECK(format_progress({"audit", 10, 10, Millis(1'000)}, 100) == "audit: 10 of 10 records, 10/s");
}

TEST_CASE("a total that turned out too low follows") {
  CHECK(format_progress({"load", 12, 10, Millis(1'000)}, 100) == "load: 12 of 12 records, 12/s");
}

TEST_CASE("a line never leaves its columns") {
  const ProgressState state{"load\nof a very long name", 1'000'000, 2'000'000, Millis(1'000)};
  CHECK(format_progress(state, 20) == "load\\nof a very long");
  CHECK(format_progress(state, 0).empty());
}

}  // namespace kinto_mirror::daemon
