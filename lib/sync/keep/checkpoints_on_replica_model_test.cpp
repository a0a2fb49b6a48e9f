// Checkpoints on the replica, as several daemons and masters share them: on a Kinto of the model.
#include "base/task_group.hpp"
#include "sync/keep/checkpoint_store.hpp"
#include "sync/test_sites.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::Profile;
using test::Sites;

const std::string master_url = "http://master.test/v1";
const CollectionId place("kinto-mirror", "checkpoints");

Checkpoint checkpoint(const std::string& collection, const std::string& of = master_url) {
  Checkpoint out;
  out.master = of;
  out.collection = CollectionId("b", collection);
  out.cursor = Stamp{5};
  out.etag = Stamp{7};
  out.live = 3;
  return out;
}

struct Stored : Sites {
  explicit Stored(Profile profile = Profile::memory) : Sites(profile, profile) {}

  Result<void> store(const Checkpoint& one) {
    return kinto::test::run(checkpoints_on_replica(to_replica, one.master)->store(one));
  }
  // Side by side.
  Result<bool> store_all(const std::vector<Checkpoint>& all) {
    const auto each = [](CheckpointStore& store, Checkpoint one, bool& stored) -> Task<void> {
      const auto done = co_await store.store(std::move(one));
      stored = stored && done.has_value();
    };
    const auto together = [&]() -> ResultTask<bool> {
      bool stored = true;
      TaskGroup group(co_await boost::asio::this_coro::executor);
      for (const Checkpoint& one : all) group.spawn(each(*mine, one, stored));
      co_await group.join();
      co_return stored;
    };
    return kinto::test::run(together());
  }
  Result<void> forget(const CollectionId& id) { return kinto::test::run(mine->forget(id)); }
  Result<std::optional<Checkpoints>> changes() { return kinto::test::run(mine->changes()); }

  std::unique_ptr<CheckpointStore> mine = checkpoints_on_replica(to_replica, master_url);
};

}  // namespace

TEST_CASE("checkpoints are found again, those of this master only") {
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    Stored on(profile);
    CHECK(on.changes().value() == Checkpoints());
    REQUIRE(on.store(checkpoint("one")).has_value());
    REQUIRE(on.store(checkpoint("two")).has_value());
    REQUIRE(on.store(checkpoint("one", "http://other.test/v1")).has_value());
    const auto all = on.changes().value();
    REQUIRE(all);
    CHECK(*all == Checkpoints{{CollectionId("b", "one"), checkpoint("one")},
                              {CollectionId("b", "two"), checkpoint("two")}});
  }
}

TEST_CASE("nothing is read again until somebody writes there") {
  Stored on;
  REQUIRE(on.store(checkpoint("one")).has_value());
  CHECK(on.changes().value().has_value());
  on.replica.seen.clear();
  CHECK_FALSE(on.changes().value().has_value());
  CHECK(on.replica.asked("GET ") == 0);
  on.time.pass(Millis{10});
  Checkpoint newer = checkpoint("one");
  newer.etag = Stamp{9};
  REQUIRE(on.store(newer).has_value());
  const auto all = on.changes().value();
  REQUIRE(all);
  CHECK(all->at(newer.collection) == newer);
}

TEST_CASE("a checkpoint that is stored again replaces the one of before") {
  Stored on;
  for (const std::int64_t ms : {7, 8, 9}) {
    Checkpoint one = checkpoint("one");
    one.etag = Stamp{ms};
    on.time.pass(Millis{10});
    REQUIRE(on.store(one).has_value());
  }
  CHECK(on.replica.bodies(place).size() == 1);
  CHECK(on.changes().value()->begin()->second.etag == Stamp{9});
}

TEST_CASE("where bucket or collection is gone there are none, and the next one makes both anew") {
  for (const bool bucket_too : {false, true}) {
    Stored on;
    REQUIRE(on.store(checkpoint("one")).has_value());
    CHECK(on.changes().value()->size() == 1);
    if (bucket_too) {
      on.replica.admin("DELETE", "/buckets/kinto-mirror");
    } else {
      on.replica.remove(place);
    }
    CHECK(on.changes().value() == Checkpoints());
    CHECK(on.changes().value() == Checkpoints());  // each time: they may come back
    REQUIRE(on.store(checkpoint("two")).has_value());
    CHECK(on.changes().value()->count(CollectionId("b", "two")) == 1);
  }
}

TEST_CASE("who stores side by side makes their collection once") {
  Stored on;
  CHECK(on.store_all({checkpoint("one"), checkpoint("two"), checkpoint("three")}).value());
  // The first try tells that there is no bucket either.
  CHECK(std::ranges::count(on.replica.seen, "PUT /v1" + kinto::collection_path(place)) == 2);
  CHECK(on.changes().value()->size() == 3);
}

TEST_CASE("what is no checkpoint counts as absent, and does not hide the others") {
  struct Case {
    std::string what;
    std::string members;
  };
  const std::string rest = R"(,"bucket":"b","collection":"x","cursor":1,"etag":2,"live":3,)"
                           R"("audited":0,"quarantined":0,"master":"http://master.test/v1")";
  for (const Case& c :
       {Case{"no schema", R"("n":1)"}, Case{"a later schema", R"("schema":2)" + rest},
        Case{"a schema in words", R"("schema":"1")" + rest},
        Case{"a part", R"("schema":1,"bucket":"b")"}}) {
    CAPTURE(c.what);
    Stored on;
    REQUIRE(on.store(checkpoint("one")).has_value());
    on.replica.put("odd", 990'000, c.members, place);
    const auto all = on.changes().value();
    REQUIRE(all);
    CHECK(all->size() == 1);
    CHECK(all->contains(CollectionId("b", "one")));
  }
}

TEST_CASE("more checkpoints than fit one page are all found") {
  Stored on;
  on.replica.kinto.options().paginate_by = 3;
  for (int i = 0; i < 10; ++i) {
    on.time.pass(Millis{10});
    REQUIRE(on.store(checkpoint("c" + std::to_string(i))).has_value());
  }
  CHECK(on.changes().value()->size() == 10);
}

TEST_CASE("a replica that fails is an error, and they are read when it works again") {
  Stored on;
  on.to_replica.set_patience(Millis{0});
  REQUIRE(on.store(checkpoint("one")).has_value());
  on.replica.fail("", Errc::unreachable);
  CHECK(on.changes().error().code == Errc::unreachable);
  // The count comes through, the list does not.
  on.replica.fail("GET ", Errc::unreachable);
  CHECK(on.changes().error().code == Errc::unreachable);
  CHECK(on.changes().value()->size() == 1);
}

TEST_CASE("what is forgotten is not found any more, and the others are") {
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    Stored on(profile);
    const CollectionId one("b", "one");
    for (const char* name : {"one", "two"}) REQUIRE(on.store(checkpoint(name)).has_value());
    REQUIRE(on.store(checkpoint("one", "http://other.test/v1")).has_value());
    CHECK(on.changes().value()->size() == 2);
    on.time.pass(Millis{10});
    REQUIRE(on.forget(one).has_value());
    const auto left = on.changes().value();
    REQUIRE(left);
    CHECK(*left == Checkpoints{{CollectionId("b", "two"), checkpoint("two")}});
    // That of another master stays.
    const auto theirs = checkpoints_on_replica(on.to_replica, "http://other.test/v1");
    CHECK(kinto::test::run(theirs->changes()).value()->contains(one));
    // What is forgotten already is no failure, nor is one that was never stored.
    REQUIRE(on.forget(one).has_value());
    REQUIRE(on.forget(CollectionId("b", "none")).has_value());
    REQUIRE(on.store(checkpoint("one")).has_value());
    CHECK(on.changes().value()->contains(one));
  }
}

TEST_CASE("where nothing was stored there is nothing to forget") {
  Stored on;
  CHECK(on.forget(CollectionId("b", "one")).has_value());
}

TEST_CASE("a checkpoint that cannot be forgotten is an error") {
  struct Case {
    int status;
    int number;  // 0: something in front says it
    std::string words;
  };
  for (const Case& c : {Case{400, 107, "forgetting a checkpoint: 400 no"},
                        Case{403, 0, "forgetting a checkpoint: 403"}}) {
    CAPTURE(c.status);
    Stored on;
    REQUIRE(on.store(checkpoint("one")).has_value());
    if (c.number != 0) on.replica.refuse("DELETE ", c.status, c.number);
    if (c.number == 0) on.replica.block("DELETE ", c.status);
    const auto forgotten = on.forget(CollectionId("b", "one"));
    REQUIRE(forgotten.has_error());
    CAPTURE(forgotten.error().message);
    CHECK(forgotten.error().message.find(c.words) != std::string::npos);
    CHECK(on.changes().value()->size() == 1);
  }
}

TEST_CASE("who may not make the bucket is told which right is missing") {
  Stored on;
  on.replica.refuse("PUT ", 403, 121, 1, 99);
  const auto stored = on.store(checkpoint("one"));
  REQUIRE(stored.has_error());
  CHECK(stored.error().code == Errc::forbidden);
  CHECK(stored.error().message.find("storing the checkpoint") != std::string::npos);
  CHECK(stored.error().message.find("its user needs the right to create it") != std::string::npos);
}

}  // namespace kinto_mirror::sync
