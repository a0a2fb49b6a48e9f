// Which stamps are free, on a replica of the model.
#include "sync/test_sites.hpp"
#include "sync/write/containers.hpp"
#include "sync/write/free_stamps.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using kinto::test::run;
using test::at;
using test::Profile;
using test::Sites;
using test::the_collection;

const std::string held = "a 5, b 6, x 8 gone, c 9, d 12";

}  // namespace

TEST_CASE("the next free stamp is behind all that touch each other, tombstones too") {
  struct Case {
    std::int64_t from;
    std::int64_t free;
  };
  for (const std::int64_t page : {0, 1, 2, 3}) {
    Sites sites(Profile::memory, Profile::postgresql);
    sites.replica.kinto.options().paginate_by = page;
    sites.replica.hold(held);
    for (const Case& c : {Case{4, 4}, Case{5, 7}, Case{6, 7}, Case{7, 7}, Case{8, 10}, Case{11, 11},
                          Case{12, 13}, Case{90, 90}}) {
      CAPTURE(page);
      CAPTURE(c.from);
      const auto free = run(next_free(sites.to_replica, the_collection, at(c.from)));
      REQUIRE(free.has_value());
      CHECK(*free == at(c.free));
    }
  }
}

TEST_CASE("a drift is meant where every stamp from the wanted one on is taken") {
  struct Case {
    std::int64_t wanted;
    std::int64_t actual;
    bool meant;
  };
  for (const std::int64_t page : {0, 1, 2}) {
    Sites sites(Profile::memory, Profile::postgresql);
    sites.replica.kinto.options().paginate_by = page;
    sites.replica.hold(held);
    for (const Case& c : {Case{5, 7, true}, Case{6, 7, true}, Case{5, 8, false}, Case{8, 10, true},
                          Case{4, 7, false}, Case{5, 5, false}, Case{7, 6, false},
                          Case{12, 13, true}, Case{5, 20'000, false}}) {
      CAPTURE(page);
      CAPTURE(c.wanted);
      CAPTURE(c.actual);
      const auto meant =
          run(stands_at_next_free(sites.to_replica, the_collection, at(c.wanted), at(c.actual)));
      REQUIRE(meant.has_value());
      CHECK(*meant == c.meant);
    }
  }
}

TEST_CASE("whether a replica holds a stamp once is tried out once, and leaves nothing behind") {
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    Sites sites(Profile::memory, profile);
    const auto once = [&sites] {
      return sites.run<std::optional<bool>>(
          [](const PassContext& with) { return holds_stamps_once(with); });
    };
    REQUIRE(once().has_value());
    CHECK(sites.traits.holds_stamps_once == (profile == Profile::postgresql));
    CHECK(sites.replica.bodies(own_collection()).empty());
    sites.replica.seen.clear();
    CHECK(once() == (profile == Profile::postgresql));
    CHECK(sites.replica.seen.empty());
  }
}

TEST_CASE("where the user may not write it cannot be told, and is asked again") {
  Sites sites;
  sites.replica.refuse("PUT ", 403, 121, 1, 99);
  const auto once = [&sites] {
    return sites.run<std::optional<bool>>(
        [](const PassContext& with) { return holds_stamps_once(with); });
  };
  CHECK_FALSE(once().has_value());
  sites.replica.recover();
  CHECK(once() == false);
}

TEST_CASE("bodies are the same by their values, whatever their stamps and spelling") {
  struct Case {
    std::string one;
    std::string other;
    bool same;
  };
  for (const Case& c : {
           Case{R"({"id":"a","last_modified":1,"n":1})", R"({"n":1,"last_modified":2,"id":"a"})",
                true},
           Case{R"({"n":1})", R"({"n":2})", false},
           Case{R"({"n":"é"})", R"({"n":"\u00e9"})", true},
           Case{R"({"n":[1,2]})", R"({"n":[2,1]})", false},
           Case{R"({"n":1})", R"({"n":1,"m":null})", false},
           Case{R"({"n":1)", R"({"n":1)", false},
           Case{"[]", "[]", false},
       }) {
    CAPTURE(c.one);
    CAPTURE(c.other);
    CHECK(same_body(c.one, c.other) == c.same);
  }
}

}  // namespace kinto_mirror::sync
