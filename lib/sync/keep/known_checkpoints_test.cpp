#include "sync/keep/known_checkpoints.hpp"

#include "kinto/test_fakes.hpp"
#include "sync/keep/test_store.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::sync {

namespace {

using kinto::test::run;
using test::MemoryStore;

const CollectionId c("b", "c");

}  // namespace

TEST_CASE("a checkpoint is withdrawn before what it tells of is brought again, and stays known") {
  MemoryStore store;
  store.has(c);
  KnownCheckpoints known(store);
  CHECK_FALSE(known.knows(c));
  REQUIRE(run(known.read()).has_value());
  CHECK(known.knows(c));
  CHECK(known.vouches_for(c));
  REQUIRE(run(known.withdraw(c)).has_value());
  CHECK(known.knows(c));
  CHECK_FALSE(known.vouches_for(c));
  CHECK(store.all.at(c).withdrawn);
  CHECK(store.all.at(c).live == 7);
  CHECK(store.stored == 1);
  // Once is enough, and of others there is nothing to withdraw.
  REQUIRE(run(known.withdraw(c)).has_value());
  REQUIRE(run(known.withdraw(CollectionId("b", "d"))).has_value());
  CHECK(store.stored == 1);
  // When all is there again.
  Checkpoint now = store.all.at(c);
  now.withdrawn = false;
  REQUIRE(run(known.store(now)).has_value());
  CHECK(known.vouches_for(c));
}

TEST_CASE("what cannot be stored is not taken for stored") {
  MemoryStore store;
  store.has(c);
  KnownCheckpoints known(store);
  REQUIRE(run(known.read()).has_value());
  store.fails = true;
  CHECK(run(known.withdraw(c)).error().code == Errc::forbidden);
  CHECK(known.vouches_for(c));
  CHECK(run(known.forget(c)).error().code == Errc::forbidden);
  CHECK(known.knows(c));
  store.fails = false;
  REQUIRE(run(known.forget(c)).has_value());
  CHECK_FALSE(known.knows(c));
}

}  // namespace kinto_mirror::sync
