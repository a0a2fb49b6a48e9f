// Collections that the master has no more: what its tombstone proves goes, and nothing else.
#include "selftest/doctest.hpp"
#include "selftest/scenarios/anchors.hpp"
#include "selftest/world.hpp"

#include <string>
#include <vector>

namespace kinto_mirror::selftest {

void anchor_deletions() {}

TEST_CASE_FIXTURE(World, "deleted-collection") {
  const CollectionId doomed = also("doomed");
  const CollectionId own = also("own");
  const std::string path = kinto::collection_path(doomed);
  publish(random.records(3));
  master.create(doomed);
  master.put(doomed, random.records(5));
  needs(master, "DELETE", path);
  CHECK(pass().outcome == "in-sync");
  REQUIRE(replica.exists(doomed));
  REQUIRE(difference(doomed) == "");
  needs(replica, "DELETE", path);
  replica.create(own);
  replica.put(own, random.records(3));
  const Contents own_before = replica.contents(own);

  master.write("DELETE", path);
  REQUIRE(master.tombstone(path));
  sync::Options records = options();
  records.deletions = sync::Deletions::records;
  CHECK(pass(records).written() == "");
  CHECK(replica.contents(doomed).size() == 5);

  const Pass followed = pass();
  CHECK(followed.outcome == "in-sync");
  CHECK(followed.tree() == "in-sync");
  CHECK(followed.containers.written.deleted == 1);
  CHECK_FALSE(replica.exists(doomed));
  CHECK(replica.tombstone(path) == master.tombstone(path));
  CHECK(difference() == "");
  CHECK(selftest::difference(own_before, replica.contents(own)) == "");
  CHECK(pass().written() == "");
}

// The master was emptied and filled anew, without a tombstone of what is missing since.
TEST_CASE_FIXTURE(World, "not-listed") {
  const CollectionId hidden = also("hidden");
  const std::vector<Record> records = random.records(3);
  publish(records);
  master.create(hidden);
  master.put(hidden, random.records(5));
  needs(master, "DELETE", kinto::bucket_path(id));
  CHECK(pass().outcome == "in-sync");
  REQUIRE(replica.exists(hidden));
  const Contents before = replica.contents(hidden);
  REQUIRE(before.size() == 5);

  pause();
  master.write("DELETE", kinto::bucket_path(id));
  publish(records);
  REQUIRE_FALSE(master.exists(hidden));
  REQUIRE_FALSE(master.tombstone(kinto::collection_path(hidden)));

  sync::Options exact = options();
  exact.extras = sync::Extras::remove;
  exact.max_delete.value = 100;
  for (const sync::Options& asked : {options(), exact}) {
    const Pass found = pass(asked);
    CHECK(found.containers.written.deleted == 0);
    CHECK(difference() == "");
    REQUIRE(replica.exists(hidden));
    CHECK(selftest::difference(before, replica.contents(hidden)) == "");
  }
}

}  // namespace kinto_mirror::selftest
