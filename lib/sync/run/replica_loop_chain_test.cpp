// What breaks the chain of looks (docs/evidence.md, section 3). Between two Kintos of the model.
#include "sync/run/test_passes.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::Passes;
using test::Profile;
using test::Rounds;
using test::said;
using test::the_collection;

// What another PostgreSQL would hold: the master is restored to it.
void becomes(Passes& sites, const std::string& records) {
  Passes other(Profile::postgresql, Profile::postgresql);
  other.master.hold(records);
  sites.master.kinto.restore(other.master.kinto.store());
}

struct Case {
  std::string what;
  std::function<void(Passes&)> happens;
  std::string told;
  int rounds;        // until it is told
  std::string then;  // on the replica
};

}  // namespace

TEST_CASE("what breaks the chain of looks is told, and everything is compared anew at once") {
  const std::vector<Case> cases{
      {"the ETag is lower", [](Passes& s) { becomes(s, "a 10, b 20"); },
       "the master's ETag went back", 1, "a 10, b 20, c 980000"},
      {"the ETag moved, and nothing that is listed accounts for it",
       [](Passes& s) {
         s.master.remove();
         s.time.pass(Millis{5});
         s.master.provide(the_collection);
         s.master.hold("a 10, b 20, c 980000");
       },
       "no change that it lists accounts for it", 1, "a 10, b 20, c 980000"},
      {"the newest of the last look is listed no more",
       [](Passes& s) { becomes(s, "a 10, b 20, d 980000"); },
       "the newest change of the last look is gone", 1, "a 10, b 20, c 980000, d 980001"},
      {"nothing is as old as the last look",
       [](Passes& s) { becomes(s, "k 990000, l 991000, m 992000"); },
       "the master has no record as old as the last checkpoint", 1,
       "a 10, b 20, c 980000, k 990000, l 991000, m 992000"},
      {"records came under past stamps, beside a change",
       [](Passes& s) { s.master.hold("p 30, q 40, d 990000"); },
       "the master has 6 records where its changes lead to 4: records came under stamps", 1,
       "a 10, b 20, c 980000, d 990000, p 30, q 40"},
      {"records went without a tombstone, beside a change",
       [](Passes& s) { becomes(s, "c 980000, d 990000"); },
       "the master has 2 records where its changes lead to 3: records went without a tombstone", 1,
       "a 10, b 20, c 980000, d 990000"},
      {"another number at the same ETag", [](Passes& s) { s.master.hold("p 30"); },
       "the master counts 4 records at the ETag at which it had 3", 1,
       "a 10, b 20, c 980000, p 30"},
      {"the replica lost one", [](Passes& s) { s.replica.hold("b 21 gone"); },
       "the replica lost 1 of its 3 records", 1, "a 10, b 20, c 980000"},
      {"one came under a past stamp while another was deleted",
       [](Passes& s) { s.master.hold("p 30, b 990000 gone"); },
       "the replica has 1 records fewer than the master's 3 lead to", 1,
       "a 10, b 990000 gone, c 980000, p 30"},
      {"one went without a tombstone while another came",
       [](Passes& s) { becomes(s, "a 10, c 980000, d 990000"); },
       "the replica has 1 records more than the master's 3 lead to", 2,
       "a 10, b 20, c 980000, d 990000"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    Passes sites(Profile::postgresql, Profile::postgresql);
    sites.master.hold("a 10, b 20, c 980000");
    Rounds rounds(sites);
    rounds.next();
    (void)rounds.last();
    c.happens(sites);
    for (int i = 1; i < c.rounds; ++i) {
      rounds.next();
      CHECK(sites.told.says("everything is compared anew") == 0);
      CHECK(rounds.last().find("in-sync") == std::string::npos);
    }
    rounds.next();
    CHECK(sites.told.says(c.told) == 1);
    CHECK(sites.told.says("everything is compared anew") == 1);
    CHECK(rounds.last().find("audit in-sync") == 0);
    CHECK(sites.replica.holds() == c.then);
    // Then it is followed on.
    rounds.next(2);
    CHECK(sites.told.says("everything is compared anew") == 1);
    CHECK(is_proven(rounds.of().chain));
  }
}

TEST_CASE("a collection whose object was written may be another one, and is compared") {
  Passes sites(Profile::postgresql, Profile::postgresql);
  sites.master.hold("a 10, b 20, c 980000");
  Rounds rounds(sites);
  rounds.next(2);
  (void)rounds.last();
  // As many records, the same ETag; nothing but the collection's own stamp tells.
  becomes(sites, "a 10, c 980000, p 30");
  sites.time.pass(Millis{5});
  sites.master.admin("PUT", kinto::collection_path(the_collection), R"({"data":{"n":1}})");
  rounds.next();
  CHECK(rounds.last().find("audit in-sync") == 0);
  CHECK(sites.replica.holds() == "a 10, b 20, c 980000, p 30");
  CHECK(sites.told.says("everything is compared anew") == 0);
  // Once.
  rounds.next(2);
  CHECK(rounds.last().find("audit") == std::string::npos);
}

TEST_CASE("what explains itself breaks no chain") {
  const std::vector<Case> cases{
      {"nothing happens", [](Passes&) {}, "", 3, "a 10, b 20, c 980000"},
      {"a change", [](Passes& s) { s.master.hold("a 990000"); }, "", 3, "a 990000, b 20, c 980000"},
      {"all are deleted",
       [](Passes& s) { s.master.hold("a 990000 gone, b 990001 gone, c 990002 gone"); }, "", 3,
       "a 990000 gone, b 990001 gone, c 990002 gone"},
      {"the replica gets records of its own", [](Passes& s) { s.replica.hold("x 30, y 990000"); },
       "", 3, "a 10, b 20, c 980000, x 30, y 990000"},
      {"the same, beside a change of the master",
       [](Passes& s) {
         s.replica.hold("x 30, y 990000");
         s.master.hold("d 995000");
       },
       "", 3, "a 10, b 20, c 980000, d 995000, x 30, y 990000"},
      {"a record is deleted and comes back",
       [](Passes& s) { s.master.hold("b 990000 gone, b 995000"); }, "", 3,
       "a 10, b 995000, c 980000"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    Passes sites(Profile::postgresql, Profile::postgresql);
    sites.master.hold("a 10, b 20, c 980000");
    Rounds rounds(sites);
    rounds.next();
    c.happens(sites);
    rounds.next(c.rounds);
    CHECK(sites.told.notices.empty());
    CHECK(sites.told.passes.front().report.kind == PassKind::load);
    for (std::size_t i = 1; i < sites.told.passes.size(); ++i) {
      CHECK(said(sites.told.passes[i].report).find("follow in-sync") == 0);
    }
    CHECK(sites.replica.holds() == c.then);
  }
}

TEST_CASE("a break is told once, however often the comparison must be tried") {
  Passes sites(Profile::postgresql, Profile::postgresql);
  sites.master.hold("a 10, b 500000");
  Rounds rounds(sites);
  rounds.next();
  sites.master.hold("p 30");
  sites.master.refuse("not_last_modified=", 403, 121, 1, 1'000);
  rounds.next(4);
  CHECK(sites.told.says("everything is compared anew") == 1);
  CHECK_FALSE(is_proven(rounds.of().chain));
  sites.master.recover();
  rounds.within(Millis{120'000});
  CHECK(is_proven(rounds.of().chain));
  CHECK(sites.told.says("everything is compared anew") == 1);
  CHECK(sites.replica.bodies() == sites.master.bodies());
}

TEST_CASE("what happened to a server while nobody looked is told after the start") {
  struct Restart {
    std::string what;
    std::function<void(Passes&)> happens;
    std::string told;
  };
  const std::vector<Restart> cases{
      {"the master was restored", [](Passes& s) { becomes(s, "a 10, b 20"); },
       "the master went back in time"},
      {"the master was emptied", [](Passes& s) { becomes(s, "x 990000 gone"); },
       "the master was emptied: it had 3 records"},
      {"the replica lost records", [](Passes& s) { s.replica.hold("b 21 gone"); },
       "the replica lacked 1 records of before the last look"},
      {"the replica lost its checkpoint",
       [](Passes& s) { s.replica.admin("DELETE", "/buckets/kinto-mirror"); }, ""},
  };
  for (const Restart& c : cases) {
    CAPTURE(c.what);
    Passes sites(Profile::postgresql, Profile::postgresql);
    sites.master.hold("a 10, b 20, c 980000");
    { Rounds(sites).next(); }
    sites.stop = Stop();
    c.happens(sites);
    Rounds rounds(sites);
    rounds.next();
    CHECK(is_proven(rounds.of().chain));
    CHECK(sites.told.says(c.told.empty() ? "b/c" : c.told) == (c.told.empty() ? 0 : 1));
    for (const auto& [id, body] : sites.master.bodies()) CHECK(sites.replica.bodies()[id] == body);
  }
}

TEST_CASE("a collection that the replica counts no more is compared, and made anew") {
  Passes sites;
  sites.master.hold("a 10, b 500000");
  Rounds rounds(sites);
  rounds.next();
  sites.replica.remove();
  rounds.next(2);
  CHECK(sites.told.says("everything is compared anew") == 1);
  CHECK(sites.replica.holds() == "a 10, b 500000");
  CHECK(is_proven(rounds.of().chain));
}

// P6: nobody is let into what was made anew before its records are there.
TEST_CASE(
    "a collection that is made anew is compared, also where nobody was told that it was made") {
  for (const bool lost : {false, true}) {
    CAPTURE(lost);
    Passes sites;
    sites.options.readers = {"system.Everyone"};
    sites.replica.remove();  // the daemon sees the lists of what it makes itself
    sites.master.hold("a 10, b 500000");
    Rounds rounds(sites);
    rounds.next();
    const auto is_open = [&sites] {
      const auto& lists = sites.replica.kinto.store().permissions().at("/buckets/b/collections/c");
      const auto read = lists.find("read");
      return read != lists.end() && !read->second.empty();
    };
    CHECK(is_open());
    // Behind the counts of the round.
    sites.replica.meanwhile("GET /v1/buckets?", [&sites] { sites.replica.remove(); });
    if (lost) sites.replica.lose_answer("PUT /v1/buckets/b/collections/c {");
    sites.replica.fail(test::lists_of(the_collection), Errc::unproven, 1, test::always);
    sites.master.admin("PATCH", "/buckets/b/collections/c", R"({"data":{"n":1}})");
    rounds.next();
    CHECK(sites.told.says("the replica had lost the collection; everything is compared anew") == 1);
    CHECK_FALSE(is_open());
    sites.replica.recover();
    rounds.within(Millis{60'000});
    CHECK(sites.replica.holds() == "a 10, b 500000");
    CHECK(is_open());
  }
}

TEST_CASE("a comparison whose checkpoint cannot be kept is followed by another one soon") {
  Passes sites;
  sites.master.hold("a 10, b 500000");
  const std::string& master = sites.from_master.config().url;
  sites.replica.reject(checkpoint_id(master, the_collection), 405);
  Rounds rounds(sites);
  rounds.next();
  CHECK(rounds.last() == "load failed +2 ~0 -0");
  sites.replica.recover();
  rounds.within(Millis{30'000});
  CHECK(rounds.last() == "audit in-sync +0 ~0 -0");
}

}  // namespace kinto_mirror::sync
