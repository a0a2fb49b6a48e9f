#include "kinto/portion.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::kinto {

namespace {

constexpr Instant now{Millis{1'000'000}};

}  // namespace

TEST_CASE("what did not come through is halved and stays small while the line is slow") {
  Portion rows(1);
  CHECK(rows.most() == Portion::unbounded);
  rows.too_slow(500);
  CHECK(rows.most() == 250);
  rows.too_slow(250);
  CHECK(rows.most() == 125);
  for (int i = 0; i < 50; ++i) rows.came(125, Millis(87'000), now);
  CHECK(rows.most() == 125);
  rows.too_slow(10'000);  // asked for before that was known
  CHECK(rows.most() == 125);
  for (int i = 0; i < 10; ++i) rows.too_slow(rows.most());
  CHECK(rows.most() == 1);
}

TEST_CASE("what comes quickly may grow again, where it was as much as was allowed") {
  Portion rows(1);
  rows.came(500, Millis(1), now);
  rows.too_slow(500);
  rows.came(3, Millis(1), now);
  CHECK(rows.most() == 250);
  rows.came(250, Portion::quick, now);
  CHECK(rows.most() == 250);
  rows.came(250, Millis(4999), now);
  CHECK(rows.most() == 500);
  for (int i = 0; i < 40; ++i) rows.came(rows.most(), Millis(1), now);
  CHECK(rows.most() == Portion::unbounded);
}

TEST_CASE("what the server refuses for its size is not tried again for some minutes") {
  Portion bytes(4096);
  bytes.too_large(100'000, now);
  CHECK(bytes.most() == 50'000);
  const Instant last = now + Portion::kept_for - Millis(1);
  for (int i = 0; i < 9; ++i) bytes.came(50'000, Millis(1), last);
  CHECK(bytes.most() == 50'000);
  bytes.came(50'000, Millis(1), now + Portion::kept_for);
  CHECK(bytes.most() == 100'000);
  for (int i = 0; i < 9; ++i) bytes.too_slow(bytes.most());
  CHECK(bytes.most() == 4096);
}

TEST_CASE("a server that takes very little at once is given very little") {
  Portion bytes(4096);
  bytes.too_large(3'000, now);
  CHECK(bytes.most() == 1'500);
  for (int i = 0; i < 20; ++i) bytes.too_large(bytes.most(), now);
  CHECK(bytes.most() == 1);
}

}  // namespace kinto_mirror::kinto
