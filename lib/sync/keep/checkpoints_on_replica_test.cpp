// What the store on the replica makes of answers that are not plainly good.
#include "kinto/test_fakes.hpp"
#include "sync/keep/checkpoint_store.hpp"

#include <doctest/doctest.h>

#include <string>

namespace kinto_mirror::sync {

namespace {

using kinto::test::Bench;

Checkpoint checkpoint() {
  Checkpoint one;
  one.master = "http://m/v1";
  one.collection = CollectionId("b", "c");
  one.cursor = Stamp{100};
  one.etag = Stamp{200};
  return one;
}

Result<void> store(Bench& bench) {
  const auto checkpoints = checkpoints_on_replica(bench.server, "http://m/v1");
  return kinto::test::run(checkpoints->store(checkpoint()));
}

}  // namespace

TEST_CASE("a checkpoint that met a stamp of another one is sent again") {
  Bench bench;  // PostgreSQL gives two of them that are written at one moment the same stamp
  bench.script.answer(409).answer(409).answer(201);
  CHECK(store(bench).has_value());
  REQUIRE(bench.script.seen.size() == 3);
  CHECK(bench.request(0).method == "PUT");
  CHECK(bench.request(2).target == bench.request(0).target);
  CHECK(bench.request(2).body == R"({"data":)" + encode(checkpoint()) + "}");
}

TEST_CASE("a checkpoint that always meets a 409 is an error, after a bounded number of tries") {
  Bench bench;
  for (int i = 0; i < 100; ++i) bench.script.answer(409, R"({"errno":122,"message":"taken"})");
  const auto stored = store(bench);
  REQUIRE(stored.has_error());
  CHECK(stored.error().status == 409);
  CHECK(stored.error().message.find("storing the checkpoint: 409 taken") != std::string::npos);
  CHECK(bench.script.seen.size() < 50);
}

TEST_CASE("the first checkpoint makes its bucket and collection, through clashes as well") {
  Bench bench;
  bench.script
      .answer(403)   // the checkpoint: its bucket does not exist yet
      .answer(403)   // nor can its collection
      .answer(409)   // the bucket
      .answer(201)   // the bucket
      .answer(412)   // the collection: another daemon was faster
      .answer(409)   // the checkpoint
      .answer(201);  // the checkpoint
  CHECK(store(bench).has_value());
  REQUIRE(bench.script.seen.size() == 7);
  CHECK(bench.request(1).target == "/v1/buckets/kinto-mirror/collections/checkpoints");
  CHECK(bench.request(3).target == "/v1/buckets/kinto-mirror");
  CHECK(bench.request(4).target == "/v1/buckets/kinto-mirror/collections/checkpoints");
  CHECK(bench.request(6).target == bench.request(0).target);
}

}  // namespace kinto_mirror::sync
