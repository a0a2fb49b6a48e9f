#include "sync/decide/hints.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::sync {

namespace {

Instant at_ms(std::int64_t ms) {
  return Instant{Millis{ms}};
}

kinto::Recent nothing_at(std::int64_t etag) {
  kinto::Recent out;
  out.whole = true;
  out.page.etag = Stamp{etag};
  return out;
}

}  // namespace

TEST_CASE("two answers in a row that are one say that nothing happened") {
  Hint hint;
  CHECK(hint.since(Stamp{7}) == Stamp{7});
  const kinto::Recent rest = nothing_at(500);
  hint.take(&rest, at_ms(0));
  CHECK_FALSE(hint.quiet());
  CHECK(hint.since(Stamp{7}) == Stamp{500});
  hint.take(&rest, at_ms(5'000));
  CHECK(hint.quiet());
}

TEST_CASE("whatever else is answered says nothing") {
  const kinto::Recent rest = nothing_at(500);
  kinto::Recent some = nothing_at(600);
  some.page.entries.emplace_back();
  kinto::Recent part = nothing_at(500);
  part.whole = false;
  kinto::Recent stored = nothing_at(500);
  stored.page.stored = "by a cache";
  const kinto::Recent flushed = nothing_at(900);
  const kinto::Recent restored = nothing_at(400);
  const kinto::Recent without_etag = nothing_at(0);
  for (const kinto::Recent* const answer :
       {static_cast<const kinto::Recent*>(nullptr), static_cast<const kinto::Recent*>(&some),
        static_cast<const kinto::Recent*>(&part), static_cast<const kinto::Recent*>(&stored),
        &flushed, &restored, &without_etag}) {
    Hint hint;
    hint.take(&rest, at_ms(0));
    hint.take(&rest, at_ms(1));
    CHECK(hint.quiet());
    hint.take(answer, at_ms(2));
    CHECK_FALSE(hint.quiet());
  }
}

TEST_CASE("a history that kept a change to itself is not believed for an hour") {
  Hint hint;
  const kinto::Recent rest = nothing_at(500);
  hint.take(&rest, at_ms(0));
  hint.take(&rest, at_ms(5'000));
  hint.owes();
  hint.take(&rest, at_ms(10'000));
  CHECK_FALSE(hint.quiet());
  hint.take(&rest, at_ms(3'609'000));
  CHECK_FALSE(hint.quiet());
  hint.take(&rest, at_ms(3'610'000));
  CHECK(hint.quiet());
}

TEST_CASE("a history that tells of it with the next answer is believed") {
  Hint hint;
  const kinto::Recent rest = nothing_at(500);
  hint.take(&rest, at_ms(0));
  hint.owes();
  kinto::Recent some = nothing_at(600);
  some.page.entries.emplace_back();
  hint.take(&some, at_ms(5'000));
  const kinto::Recent later = nothing_at(600);
  hint.take(&later, at_ms(10'000));
  CHECK(hint.quiet());
}

}  // namespace kinto_mirror::sync
