// Collections, rights and checkpoints that go and come back while the loop runs, and what it leaves
// to operators and other daemons. Between two Kintos of the model.
#include "sync/run/test_passes.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace kinto_mirror::sync {

namespace {

using test::at;
using test::Passes;
using test::Rounds;
using test::the_collection;

Checkpoint stored_by_another(std::int64_t etag, std::int64_t live) {
  Checkpoint out;
  out.master = "http://master.test/v1";
  out.collection = the_collection;
  out.etag = at(etag);
  out.cursor = at(etag - 60'000);
  out.live = live;
  return out;
}

void store(Passes& sites, const Checkpoint& checkpoint) {
  const auto done = sites.run<Result<void>>([&](const PassContext&) -> Task<Result<void>> {
    const auto store = checkpoints_on_replica(sites.to_replica, "http://master.test/v1");
    Checkpoint copy = checkpoint;
    co_return co_await store->store(std::move(copy));
  });
  REQUIRE(done.has_value());
}

}  // namespace

TEST_CASE("what the master does not list any more is kept, and compared when it is listed again") {
  for (const Extras extras : {Extras::keep, Extras::remove}) {
    Passes sites;
    sites.options.extras = extras;
    sites.options.max_delete = {true, 100};
    sites.master.hold("a 10, b 500000");
    Rounds rounds(sites);
    rounds.next();
    sites.master.allow("");
    rounds.next(3);
    CHECK(sites.told.says("the master does not list it any more; nothing of it is deleted") == 1);
    CHECK(sites.replica.holds() == "a 10, b 500000");
    CHECK(rounds.loop.standing().listed->empty());
    CHECK(rounds.loop.standing().unlisted->size() == 1);
    sites.master.allow("read");
    sites.master.hold("d 990000");
    rounds.next();
    CHECK(sites.told.says("the master lists it again; everything is compared anew") == 1);
    CHECK(rounds.last() == "audit in-sync +1 ~0 -0");
    CHECK(sites.replica.bodies() == sites.master.bodies());
  }
}

TEST_CASE("what the master deleted goes here as well, and is new when it comes back") {
  Passes sites;
  sites.master.hold("a 10, b 500000");
  Rounds rounds(sites);
  rounds.next();
  sites.master.remove();
  rounds.next(2);
  CHECK(sites.told.says("the master deleted it, and so it is deleted here") == 1);
  CHECK(sites.replica.holds().empty());
  CHECK(rounds.loop.standing().listed->empty());
  CHECK(rounds.loop.standing().unlisted->empty());
  sites.master.provide(the_collection);
  sites.master.hold("d 990000");
  rounds.next();
  CHECK(rounds.last() == "load in-sync +1 ~0 -0");
  CHECK(sites.replica.bodies() == sites.master.bodies());
}

TEST_CASE(
    "where only records are deleted, what the master deleted stays, and is compared when it comes "
    "back") {
  Passes sites;
  sites.options.deletions = Deletions::records;
  sites.master.hold("a 10, b 500000");
  Rounds rounds(sites);
  rounds.next();
  sites.master.remove();
  rounds.next(2);
  CHECK(sites.replica.holds() == "a 10, b 500000");
  CHECK(rounds.loop.standing().listed->empty());
  CHECK(rounds.loop.standing().unlisted->empty());
  sites.master.provide(the_collection);
  sites.master.hold("a 10, b 500000, d 990000");
  rounds.next();
  CHECK(sites.told.says("the master has it again; everything is compared anew") == 1);
  CHECK(rounds.last() == "audit in-sync +1 ~0 -0");
}

TEST_CASE("what the master hides is not shown, loses nothing, and is compared when it is shown") {
  Passes sites;
  sites.options.collections = {"b/c"};
  sites.options.extras = Extras::remove;
  sites.options.max_delete = {true, 100};
  sites.master.hold("a 10, b 500000");
  Rounds rounds(sites);
  rounds.next();
  sites.master.allow("");
  rounds.next();
  CHECK(rounds.last() == "audit not-shown +0 ~0 -0, extra 2");
  rounds.next(3);
  CHECK(rounds.of().hidden);
  CHECK(sites.replica.holds() == "a 10, b 500000");
  sites.master.hold("d 990000");
  sites.master.allow("read");
  rounds.within(Millis{120'000});
  CHECK(sites.told.says("the master shows it again; everything was compared anew") == 1);
  CHECK_FALSE(rounds.of().hidden);
  CHECK(sites.replica.bodies() == sites.master.bodies());
}

TEST_CASE("a checkpoint that another daemon stored is taken over, and what it brought is known") {
  Passes sites;
  sites.master.hold("a 10, b 500000");
  Rounds rounds(sites);
  rounds.next();
  rounds.within(Millis{70'000});  // the overlap is over
  (void)rounds.last();
  // The other one was faster.
  sites.master.hold("d 990000");
  sites.replica.hold("d 990000");
  store(sites, stored_by_another(990'000, 3));
  sites.replica.seen.clear();
  rounds.next();
  CHECK(rounds.of().checkpoint->etag == at(990'000));
  CHECK(rounds.of().checkpoint->live == 3);
  CHECK(sites.replica.asked("\"PUT\"") + sites.replica.asked("PUT /") == 0);
  CHECK(sites.told.says("everything is compared anew") == 0);
  CHECK(is_proven(rounds.of().chain));
}

TEST_CASE("an older checkpoint of another daemon costs reading again, and no more") {
  Passes sites;
  sites.master.hold("a 10, b 500000, d 900000");
  Rounds rounds(sites);
  rounds.next();
  store(sites, stored_by_another(500'000, 2));
  rounds.next();
  CHECK(rounds.last() == "follow in-sync +0 ~0 -0");
  CHECK(rounds.of().checkpoint->etag == at(900'000));
  CHECK(sites.told.notices.empty());
}

TEST_CASE("a checkpoint that is gone from the replica is told, and everything is compared anew") {
  Passes sites;
  sites.master.hold("a 10, b 500000");
  Rounds rounds(sites);
  rounds.next();
  (void)rounds.last();
  sites.replica.admin("DELETE", "/buckets/kinto-mirror");
  sites.replica.hold("a 400000");  // with what it had before
  rounds.next();
  CHECK(sites.told.says("the replica lost its checkpoint; everything is compared anew") == 1);
  CHECK(rounds.last() == "audit in-sync +0 ~1 -0");
  CHECK(sites.replica.bodies() == sites.master.bodies());
  CHECK(sites.replica.everything().find("/buckets/kinto-mirror/collections/checkpoints record") !=
        std::string::npos);
}

TEST_CASE("what the brake holds is told by each poll, until somebody lets it go") {
  Passes sites;
  sites.options.extras = Extras::remove;
  sites.options.max_delete = {false, 1};
  sites.master.hold("a 10, b 500000");
  sites.replica.hold("x 20, y 30, z 40");
  Rounds rounds(sites);
  rounds.next();
  CHECK(rounds.last() == "audit brake +2 ~0 -0, extra 3");
  sites.master.hold("d 900000");
  rounds.next();
  CHECK(rounds.last() == "follow brake +1 ~0 -0");
  CHECK(rounds.of().stored->braked);
  // An operator deletes two of the three; the last one may go.
  sites.replica.hold("x 950000 gone, y 950001 gone");
  rounds.next();
  CHECK(sites.told.says(
            "of 3 records that only the replica had, 1 are left while the brake holds") == 1);
  CHECK(rounds.last() == "audit in-sync +0 ~0 -1");
  CHECK(sites.replica.bodies() == sites.master.bodies());
  CHECK_FALSE(rounds.of().stored->braked);
}

TEST_CASE("while the master looks lost, the checkpoint of before is kept") {
  Passes sites;
  sites.options.extras = Extras::remove;
  sites.master.hold("a 10, b 500000");
  Rounds rounds(sites);
  rounds.next();
  const Checkpoint before = *rounds.of().stored;
  sites.master.remove();
  sites.time.pass(Millis{5});
  sites.master.provide(the_collection);
  rounds.next();
  CHECK(rounds.last() == "audit brake +0 ~0 -0, extra 2");
  CHECK(rounds.of().stored->braked);
  CHECK(rounds.of().stored->etag == before.etag);
  CHECK(rounds.of().stored->live == before.live);
  sites.master.put("k", sites.time.ms(), R"("n":1)");
  rounds.next();
  CHECK(sites.replica.bodies().size() == 3);
  CHECK(rounds.of().stored->etag == before.etag);
}

TEST_CASE("a refused record is tried again after a minute, then two, and is said meanwhile") {
  Passes sites;
  sites.master.hold("a 10, b 500000");
  sites.replica.reject("a");
  Rounds rounds(sites);
  rounds.next();
  CHECK(rounds.last() == "load degraded +1 ~0 -0, missing 1");
  const auto tries = [&] { return std::exchange(sites.told.refused, {}).size(); };
  CHECK(tries() == 1);
  rounds.within(Millis{59'999});
  CHECK(tries() == 0);
  rounds.within(Millis{5'000});
  CHECK(tries() == 1);
  rounds.within(Millis{115'000});
  CHECK(tries() == 0);
  sites.replica.recover();
  rounds.within(Millis{10'000});
  CHECK(rounds.last() == "follow in-sync +1 ~0 -0");
  CHECK(sites.replica.bodies() == sites.master.bodies());
}

TEST_CASE("an audit that must leave something is told by each poll, and repeated soon") {
  Passes sites;
  sites.options.extras = Extras::remove;
  sites.options.max_delete = {true, 100};
  for (test::Site* const site : {&sites.master, &sites.replica}) site->hold("a 50, b 500000");
  Rounds rounds(sites);
  rounds.next();
  CHECK(rounds.last() == "audit in-sync +0 ~0 -0");
  sites.replica.hold("x 70");
  sites.time.pass(sites.options.audit_interval);
  // x is made on the master under a past stamp, behind the walk.
  sites.master.meanwhile("id=%22x%22", [&] {
    sites.master.hold("x 20");
    sites.time.pass(Millis{1'000});  // so that a poll comes before the next audit
  });
  rounds.next();
  CHECK(rounds.last() == "audit different +0 ~0 -0, differs 1");
  CHECK(sites.replica.bodies().contains("x"));
  sites.master.put("b", sites.time.ms(), R"("n":2)");
  rounds.next();
  CHECK(rounds.last() == "follow different +0 ~1 -0, differs 1");
  rounds.within(Millis{20'000});
  CHECK(is_proven(rounds.of().chain));
  CHECK(sites.replica.bodies() == sites.master.bodies());
  CHECK(rounds.last().find("in-sync") != std::string::npos);
}

}  // namespace kinto_mirror::sync
