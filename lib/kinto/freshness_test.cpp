#include "kinto/freshness.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace kinto_mirror::kinto {

namespace {

constexpr Stamp noon{1'795'867'200'000};  // Sat, 28 Nov 2026 12:00:00 GMT

http::Headers dated(std::string_view date, http::Headers more = {}) {
  more.emplace_back("Date", date);
  return more;
}

}  // namespace

TEST_CASE("a stored answer is known by what caches write into it") {
  struct Case {
    http::Headers headers;
    std::string sign;
  };
  const std::vector<Case> cases{
      {{}, ""},
      {{{"Age", "0"}}, ""},
      {{{"age", "17"}}, "Age: 17"},
      {{{"Age", "soon"}}, ""},
      {{{"X-Cache", "HIT"}}, "X-Cache: HIT"},
      {{{"X-Cache", "Hit from cloudfront"}}, "X-Cache: Hit from cloudfront"},
      {{{"X-Cache", "MISS"}}, ""},
      {{{"X-Cache-Status", "STALE"}}, "X-Cache-Status: STALE"},
      {{{"Cache-Status", "nginx; fwd=miss"}}, ""},
      {{{"Cache-Status", "edge; hit; ttl=30"}}, "Cache-Status: edge; hit; ttl=30"},
      {{{"Cache-Control", "no-cache, no-store"}}, ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.sign);
    CHECK(sign_of_storage(c.headers, Millis{0}) == c.sign);
  }
}

TEST_CASE("of an answer that keeps for a minute, Expires tells when it was made") {
  const std::string date = "Sat, 28 Nov 2026 12:00:40 GMT";
  const auto keeps = [&](std::string_view expires, std::string_view control) {
    return dated(date,
                 {{"Cache-Control", std::string(control)}, {"Expires", std::string(expires)}});
  };
  CHECK(sign_of_storage(keeps("Sat, 28 Nov 2026 12:01:40 GMT", "max-age=60"), Millis{0}).empty());
  CHECK(sign_of_storage(keeps("Sat, 28 Nov 2026 12:01:39 GMT", "max-age=60"), Millis{0}).empty());
  // However long it keeps.
  CHECK(sign_of_storage(keeps("Sat, 28 Nov 2026 12:01:40 GMT", "max-age=9223372036854775807"),
                        Millis{0}) == "Expires: Sat, 28 Nov 2026 12:01:40 GMT");
  CHECK(sign_of_storage(keeps("Sat, 28 Nov 2026 12:01:00 GMT", "max-age=60"), Millis{0}) ==
        "Expires: Sat, 28 Nov 2026 12:01:00 GMT");
  // Kinto gave `Expires` when it began, nginx `Date` when 38 s of work were over.
  CHECK(sign_of_storage(keeps("Sat, 28 Nov 2026 12:01:02 GMT", "max-age=60"), Millis{38'500})
            .empty());
  CHECK_FALSE(
      sign_of_storage(keeps("Sat, 28 Nov 2026 12:01:00 GMT", "max-age=60"), Millis{5'000}).empty());
  // s-maxage is another's.
  CHECK(sign_of_storage(keeps("Sat, 28 Nov 2026 12:01:00 GMT", "s-maxage=60"), Millis{0}).empty());
}

TEST_CASE("an answer of well before the request is old") {
  const auto headers = dated("Sat, 28 Nov 2026 12:00:00 GMT");
  CHECK(sign_of_age(headers, Stamp{}).empty());
  CHECK(sign_of_age(headers, Stamp{noon.ms + 10'000}).empty());  // clocks of two nodes
  CHECK(sign_of_age(headers, Stamp{noon.ms + 120'000}) ==
        "Date: Sat, 28 Nov 2026 12:00:00 GMT, 120 s before the request, unless the clocks of "
        "several servers behind this address differ");
  CHECK(sign_of_age({}, Stamp{noon.ms + 120'000}).empty());
}

TEST_CASE("a server's clock goes on, and only a POST can set it back") {
  const Instant start{Millis{5'000}};
  ServerClock clock;
  CHECK(clock.at_least(start) == Stamp{});
  clock.told(noon, start, false);
  CHECK(clock.at_least(start + Millis{7'000}) == Stamp{noon.ms + 7'000});
  clock.told(Stamp{noon.ms - 60'000}, start + Millis{1'000}, false);  // a stored one
  CHECK(clock.at_least(start + Millis{7'000}) == Stamp{noon.ms + 7'000});
  clock.told(Stamp{noon.ms + 30'000}, start + Millis{1'000}, false);
  CHECK(clock.at_least(start + Millis{1'000}) == Stamp{noon.ms + 30'000});
  clock.told(Stamp{noon.ms - 60'000}, start + Millis{1'000}, true);  // it was set back
  CHECK(clock.at_least(start + Millis{2'000}) == Stamp{noon.ms - 59'000});
  clock.told(Stamp{}, start + Millis{3'000}, true);
  CHECK(clock.at_least(start + Millis{2'000}) == Stamp{noon.ms - 59'000});
}

}  // namespace kinto_mirror::kinto
