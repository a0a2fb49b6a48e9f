// What the loop of a replica does about the orders of an operator. Between two Kintos of the model.
#include "sync/decide/barrier.hpp"
#include "sync/run/test_passes.hpp"

#include <doctest/doctest.h>

#include <string>

namespace kinto_mirror::sync {

namespace {

using test::Passes;
using test::Rounds;
using test::the_collection;

const Scope all({"*/*"});

// What stands between the replica and the barrier of `since`.
std::string open(const Rounds& rounds, Instant since) {
  std::string out;
  for (const Open& one : look_at_barrier(rounds.loop.standing(), all, since).open) {
    out += (out.empty() ? "" : "; ") + one.id + ": " + one.why;
  }
  return out;
}

// An exact mirror, whose brake lets three go.
struct Exact : Passes {
  Exact() {
    options.extras = Extras::remove;
    options.max_delete = {false, 3};
  }
  void add_extras(int count) {
    for (int i = 0; i < count; ++i)
      replica.put("x" + std::to_string(i), 990'000 + i, R"("by":"somebody")");
  }
};

}  // namespace

TEST_CASE("an audit that is asked for by a pattern is of what that matches") {
  Passes sites;
  sites.master.hold("a 10, b 500000");
  Rounds rounds(sites);
  rounds.next(20);
  (void)rounds.last();
  CHECK(rounds.loop.audit({"other/*"}).empty());
  rounds.go_on();
  CHECK(rounds.last().empty());
  CHECK(rounds.loop.audit({"b/*"}) == ReplicaLoop::Meant{the_collection});
  rounds.go_on();
  CHECK(rounds.last() == "audit in-sync +0 ~0 -0");
}

TEST_CASE("what is paused is not visited, and goes on from where it was") {
  Passes sites;
  sites.master.hold("a 10, b 500000");
  Rounds rounds(sites);
  rounds.next();
  REQUIRE(rounds.loop.pause({"b/*"}).value() == ReplicaLoop::Meant{the_collection});
  (void)rounds.last();
  sites.master.hold("a 900000, b 910000 gone");
  rounds.next(3);
  CHECK(rounds.last().empty());
  CHECK(sites.replica.holds() == "a 10, b 500000");
  const Instant since = sites.time.now();
  CHECK(open(rounds, since).find("it is paused") != std::string::npos);
  REQUIRE(rounds.loop.resume({"*/*"}).value() == ReplicaLoop::Meant{the_collection});
  rounds.go_on();
  CHECK(sites.replica.holds() == "a 900000, b 910000 gone");
}

TEST_CASE("a release lets go what the brake holds, once, and not one more") {
  Exact sites;
  sites.master.fill(20, 500'000);
  Rounds rounds(sites);
  rounds.next();
  CHECK(rounds.loop.release(the_collection).empty());
  sites.add_extras(5);
  rounds.loop.audit({"*/*"});
  rounds.go_on();
  REQUIRE(rounds.of().brake);
  SUBCASE("as many as it held") {
    CHECK(rounds.loop.release(the_collection) == ReplicaLoop::Meant{the_collection});
    rounds.go_on();
    CHECK(!rounds.of().brake);
    CHECK(sites.replica.bodies() == sites.master.bodies());
    // The next ones are held again.
    sites.add_extras(4);
    rounds.loop.audit({"*/*"});
    rounds.go_on();
    CHECK(rounds.of().brake->would_delete == 4);
  }
  SUBCASE("more have come since") {
    rounds.loop.release(the_collection);
    sites.add_extras(6);
    rounds.go_on();
    CHECK(rounds.of().brake->would_delete == 6);
  }
}

TEST_CASE("the barrier is reached by a comparison that began no earlier") {
  Passes sites;
  sites.master.hold("a 10, b 500000");
  Rounds rounds(sites);
  rounds.next(3);
  sites.time.pass(Millis{1});
  const Instant since = sites.time.now();
  CHECK(open(rounds, since).find("not compared yet") != std::string::npos);
  rounds.next();
  CHECK(open(rounds, since).find("not compared yet") != std::string::npos);
  rounds.loop.audit({"*/*"});
  rounds.go_on();
  CHECK(open(rounds, since).empty());
}

TEST_CASE("a round that failed has listed nothing") {
  Passes sites;
  sites.master.hold("a 10");
  Rounds rounds(sites);
  rounds.next();
  sites.time.pass(Millis{1});
  const Instant since = sites.time.now();
  const auto broken = [] { return test::Site::Answer(http::Response{503, {}, ""}); };
  for (const char* const part : {"/buckets?", "/batch"})
    sites.master.on(part, broken, 1, test::always);
  rounds.next();
  CHECK(rounds.loop.standing().looked >= since);
  CHECK(open(rounds, since).find("was not listed since") != std::string::npos);
}

TEST_CASE("other options count from the next round on, and another scope is followed") {
  Passes sites;
  sites.master.hold("a 10");
  Rounds rounds(sites);
  rounds.next();
  Options other = sites.options;
  other.collections = {"other/*"};
  other.interval = Millis{1'000};
  rounds.loop.take(other);
  rounds.go_on();
  CHECK(!rounds.loop.standing().listed->contains(the_collection));
  CHECK(rounds.wait() == Millis{1'000});
  sites.master.hold("a 900000");
  rounds.next();
  CHECK(sites.replica.holds() == "a 10");
  rounds.loop.take(sites.options);
  rounds.go_on();
  rounds.next();
  CHECK(sites.replica.holds() == "a 900000");
  CHECK(rounds.of().chain == Chain::compared);
}

}  // namespace kinto_mirror::sync
