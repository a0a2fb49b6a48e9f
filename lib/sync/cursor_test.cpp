#include "sync/cursor.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace kinto_mirror::sync {

TEST_CASE("the next poll reads from the older of ETag and server clock, less the overlap") {
  struct Case {
    std::string what;
    std::int64_t etag;
    std::int64_t date;
    std::int64_t overlap;
    std::int64_t cursor;
  };
  const std::vector<Case> cases{
      {"a collection at rest", 500'000, 900'000, 60'000, 440'000},
      {"a future stamp drives the ETag ahead", 4'100'000, 500'000, 60'000, 440'000},
      {"both alike", 500'000, 500'000, 60'000, 440'000},
      {"no Date given", 500'000, 0, 60'000, 440'000},
      {"no overlap", 500'000, 900'000, 0, 500'000},
      {"never below the first stamp", 10'000, 900'000, 60'000, 0},
      {"nothing known at all", 0, 0, 60'000, 0},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    CHECK(next_cursor(Stamp{c.etag}, Stamp{c.date}, Millis(c.overlap)) == Stamp{c.cursor});
  }
}

}  // namespace kinto_mirror::sync
