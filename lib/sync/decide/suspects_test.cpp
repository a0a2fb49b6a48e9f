#include "sync/decide/suspects.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::sync {

namespace {

const CollectionId articles{"b", "articles"};
const Instant start{Millis{1'000'000}};

}  // namespace

TEST_CASE("a record is blamed when it is met again after a bad moment") {
  for (const Refuser by : {Refuser::kinto, Refuser::in_front}) {
    Suspects suspects;
    CHECK_FALSE(suspects.met(articles, "a", by, start));
    CHECK_FALSE(suspects.met(articles, "a", by, start + Suspects::a_bad_moment - Millis{1}));
    CHECK(suspects.met(articles, "a", by, start + Suspects::a_bad_moment));
    CHECK_FALSE(suspects.met(articles, "b", by, start + Suspects::a_bad_moment));
  }
}

TEST_CASE("what the replica has taken is no suspect, nor what was met long ago") {
  Suspects suspects;
  suspects.met(articles, "a", Refuser::kinto, start);
  CHECK(suspects.holds(articles, "a"));
  suspects.cleared(articles, "a");
  CHECK_FALSE(suspects.holds(articles, "a"));
  suspects.met(articles, "a", Refuser::kinto, start);
  const Instant later = start + Suspects::forgotten_after + Millis{1};
  CHECK_FALSE(suspects.met(articles, "a", Refuser::kinto, later));
}

TEST_CASE("a firewall that was found to read records is believed at once, a 503 never") {
  Suspects suspects;
  suspects.proven(Refuser::in_front, start);
  CHECK(suspects.met(articles, "a", Refuser::in_front, start));
  CHECK_FALSE(suspects.met(articles, "a", Refuser::in_front, start + Suspects::forgotten_after));
  suspects.proven(Refuser::kinto, start);
  CHECK_FALSE(suspects.met(articles, "b", Refuser::kinto, start));
}

TEST_CASE("a full memory forgets what is old, and nothing else") {
  Suspects suspects;
  for (std::size_t n = 0; n < Suspects::max_held; ++n) {
    suspects.met(articles, std::to_string(n), Refuser::kinto, start);
  }
  const Instant soon = start + Suspects::a_bad_moment;
  CHECK_FALSE(suspects.met(articles, "one more", Refuser::kinto, soon));
  CHECK_FALSE(suspects.holds(articles, "one more"));
  CHECK(suspects.met(articles, "7", Refuser::kinto, soon));
  const Instant later = soon + Suspects::forgotten_after + Millis{1};
  suspects.met(articles, "one more", Refuser::kinto, later);
  CHECK(suspects.holds(articles, "one more"));
  CHECK_FALSE(suspects.holds(articles, "7"));
}

}  // namespace kinto_mirror::sync
