// When a bucket is compared although no count has moved.
#include "sync/run/test_keeping.hpp"
#include "sync/run/tree_keeper.hpp"

#include <doctest/doctest.h>

#include <string>

namespace kinto_mirror::sync {

namespace {

using test::always;
using test::Keeping;
using test::World;

const Millis minute{60'000};

// A change that moves neither count nor ETag, as a late commit does.
void change_unseen(Keeping& world) {
  World::put(world.master, "b/collections/later", 500'000);
  world.settle();
  World::put(world.master, "b/collections/c", 400'000, R"("n":2)");
}

}  // namespace

TEST_CASE("everything is compared anew once in an audit interval") {
  Keeping world;
  world.settle();
  CHECK(world.rounds_within(world.options.audit_interval - minute) == 0);
  CHECK(world.rounds_within(2 * minute) == 1);
}

TEST_CASE("behind what was written there is one more look, when late commits are over") {
  Keeping world;
  World::put(world.master, "b/collections/c", 300'000, R"("n":1)");
  world.settle();
  change_unseen(world);
  CHECK(world.round() == "");  // it cannot be seen
  CHECK(world.rounds_within(world.options.overlap - 2 * world.options.interval) == 0);
  CHECK(world.rounds_within(4 * world.options.interval) > 0);
  CHECK(World::holds(world.replica, "b/collections/c") == R"(400000 {"n":2})");
}

TEST_CASE("what is refused is tried again ever more seldom") {
  Keeping world;
  world.replica.reject("d", 400);
  World::put(world.master, "b/collections/d", 50);
  world.settle();
  // It was compared twice until nothing moved any more: after one minute, and now after two.
  std::string waits;
  for (int minutes = 1, since = 0; minutes < 60; ++minutes) {
    ++since;
    if (world.rounds_within(minute) == 0) continue;
    waits += std::to_string(since) + " ";
    since = 0;
  }
  CHECK(waits == "2 4 8 16 ");
  // It begins again when somebody asks.
  world.replica.recover();
  world.keeper.compare(Scope({"*/*"}));
  CHECK(world.round() == "in-sync =4 +1 ~0 -0");
}

TEST_CASE("what failed is tried again soon") {
  Keeping world;
  world.settle();
  world.replica.block("GET /v1/buckets/b/collections?", 400, 1, always);
  World::put(world.master, "b/collections/d", 50);
  CHECK(world.round().starts_with("failed "));
  CHECK(world.rounds_within(minute) >= 2);
  world.replica.recover();
  CHECK(world.rounds_within(2 * minute) >= 1);
  CHECK(World::has(world.replica, "b/collections/d"));
}

TEST_CASE("a round that fails leaves what was due for the next one") {
  Keeping world;
  world.settle();
  World::put(world.master, "b/collections/d", 50);
  world.replica.fail("GET /v1/buckets/b/collections?", Errc::unreachable);
  CHECK(world.try_round().error().code == Errc::unreachable);
  CHECK(world.round() == "in-sync =4 +1 ~0 -0");
  // Likewise where the buckets themselves cannot be looked at.
  world.settle();
  world.time.pass(Millis{1000});
  world.master.admin("PUT", "/buckets/a", R"({"data":{"n":1}})");
  world.replica.fail(R"({"method":"GET","path":"/buckets/a")", Errc::unreachable);
  CHECK(world.try_round().error().code == Errc::unreachable);
  CHECK(world.round() == "in-sync =4 +0 ~1 -0");
}

}  // namespace kinto_mirror::sync
