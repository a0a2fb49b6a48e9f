// What a replica has lost is no more vouched for by its checkpoint, before it is brought again.
#include "sync/run/test_passes.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::Passes;
using test::Profile;
using test::Rounds;

// Whether the stored checkpoint says that the replica lacks something.
bool says_withdrawn(const Passes& sites) {
  return sites.replica.everything().find(R"("withdrawn":true)") != std::string::npos;
}

// At the first request that holds `part`: what it says then.
struct Moment {
  Moment(Passes& sites, const std::string& part) {
    sites.replica.meanwhile(part, [this, &sites] { said = says_withdrawn(sites); });
  }
  std::optional<bool> said;
};

struct Loss {
  std::string what;
  std::function<void(Passes&)> happens;
  std::string first;  // of the requests that bring it again
};

const std::vector<Loss> losses{
    {"the collection", [](Passes& s) { s.replica.remove(); }, "PUT /v1/buckets/b/collections/c "},
    {"the collection, which somebody else has made anew",
     [](Passes& s) {
       s.replica.remove();
       s.time.pass(Millis{5});
       s.replica.provide(test::the_collection);
     },
     "/c/records/k"},
    {"all records",
     [](Passes& s) { s.replica.hold("k 980001 gone, l 980002 gone, m 980003 gone"); },
     "/c/records/k"},
    {"one record", [](Passes& s) { s.replica.hold("k 980001 gone"); }, "/c/records/k"},
};

}  // namespace

TEST_CASE("what is lost is not vouched for while it is brought again") {
  for (const bool restarted : {false, true}) {
    for (const Loss& loss : losses) {
      CAPTURE(loss.what);
      CAPTURE(restarted);
      Passes sites(Profile::postgresql, Profile::postgresql);
      sites.master.hold("k 10, l 20, m 980000");
      std::optional<Rounds> rounds(std::in_place, sites);
      rounds->next();
      CHECK_FALSE(says_withdrawn(sites));
      if (restarted) {
        rounds.reset();
        sites.stop = Stop();
        sites.traits = ReplicaTraits();
      }
      loss.happens(sites);
      Moment bringing(sites, loss.first);
      if (restarted) rounds.emplace(sites);
      rounds->next(2);
      REQUIRE(bringing.said.has_value());
      CHECK(*bringing.said);
      CHECK(sites.replica.bodies() == sites.master.bodies());
      CHECK_FALSE(says_withdrawn(sites));
      CHECK(is_proven(rounds->of().chain));
    }
  }
}

TEST_CASE("a run that is made once says it as well") {
  for (const Loss& loss : losses) {
    CAPTURE(loss.what);
    Passes sites(Profile::postgresql, Profile::postgresql);
    sites.master.hold("k 10, l 20, m 980000");
    CHECK_FALSE(sites.run_once().error);
    sites.time.pass(Millis{5});
    loss.happens(sites);
    Moment bringing(sites, loss.first);
    CHECK_FALSE(sites.run_once().error);
    REQUIRE(bringing.said.has_value());
    CHECK(*bringing.said);
    CHECK_FALSE(says_withdrawn(sites));
  }
}

TEST_CASE("what was not brought to its end is brought first after a restart, and said until then") {
  Passes sites(Profile::postgresql, Profile::postgresql);
  sites.master.hold("k 10, l 20, m 980000");
  {
    Rounds rounds(sites);
    rounds.next();
    sites.replica.remove();
    sites.replica.block("/c/records/k", 500, 1, test::always);
    rounds.next();
    CHECK(says_withdrawn(sites));
    CHECK_FALSE(rounds.of().chain == Chain::compared);
  }
  sites.stop = Stop();
  sites.traits = ReplicaTraits();
  sites.replica.recover();
  sites.master.hold("n 990000");
  Rounds rounds(sites);
  (void)rounds.last();
  rounds.next();
  CHECK(sites.told.passes.front().report.kind != PassKind::follow);
  CHECK(sites.replica.bodies() == sites.master.bodies());
  CHECK_FALSE(says_withdrawn(sites));
}

}  // namespace kinto_mirror::sync
