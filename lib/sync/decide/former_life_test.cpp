#include "sync/decide/former_life.hpp"

#include <doctest/doctest.h>

#include <string>

namespace kinto_mirror::sync {

TEST_CASE("a deletion is followed once, by the first comparison that is told of it") {
  struct Case {
    std::string what;
    std::int64_t etag;
    std::int64_t audited;
    bool untold;
    FormerLife former;
    std::optional<Stamp> up_to;
  };
  const FormerLife at_500{true, Stamp{500}};
  const std::optional<Stamp> all(Stamp{500});
  for (const Case& c : {
           Case{"nothing was ever compared", 0, 0, false, at_500, all},
           Case{"deleted since the last look", 400, 400, false, at_500, all},
           Case{"followed by then", 600, 600, false, at_500, std::nullopt},
           Case{"polls moved the ETag past it", 600, 450, false, at_500, all},
           Case{"in the second of the comparison", 600, 500, false, at_500, all},
           Case{"a server without a clock", 600, 0, false, at_500, std::nullopt},
           Case{"compared, and not told", 600, 600, true, at_500, all},
           Case{"a server without a clock, not told", 600, 0, true, at_500, all},
           Case{"never deleted", 400, 400, true, {true, std::nullopt}, std::nullopt},
           Case{"not told now", 400, 400, true, {false, std::nullopt}, std::nullopt},
       }) {
    CAPTURE(c.what);
    Before before;
    before.etag = Stamp{c.etag};
    before.live = c.etag > 0 ? 3 : 0;
    before.audited = Stamp{c.audited};
    before.untold = c.untold;
    CHECK((to_follow(before, c.former) == c.up_to));
  }
}

}  // namespace kinto_mirror::sync
