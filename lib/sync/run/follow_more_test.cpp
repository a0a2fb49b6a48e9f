// What a follow pass reads, writes and doubts, between two Kintos of the model.
#include "sync/decide/after_pass.hpp"
#include "sync/run/test_passes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using model::Kinto;
using test::at;
using test::Passes;
using test::Profile;
using test::said;
using test::Site;

const std::string lists = test::lists_of(test::the_collection);
const std::string record_a = test::records_of(test::the_collection) + "/a";

// The ids that are asked for in each look-up.
std::vector<std::ptrdiff_t> ids_looked_up(const Site& site) {
  std::vector<std::ptrdiff_t> out;
  for (const std::string& line : site.seen) {
    const std::size_t begin = line.find("&in_id=");
    if (begin == std::string::npos) continue;
    const std::string ids = line.substr(begin, line.find('&', begin + 1) - begin);
    out.push_back(1 + std::ranges::count(ids, ','));
  }
  return out;
}

}  // namespace

TEST_CASE("a follow brings what was written, changed and deleted since the checkpoint") {
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    Passes sites(profile, profile);
    sites.master.hold("a 10, b 20, c 500000");
    sites.begin();
    sites.master.hold("a 600000, b 700000 gone, d 800000, e 900000 gone");
    const FollowResult result = sites.follow();
    CHECK(said(result.report) == "follow in-sync +1 ~1 -1");
    CHECK(sites.replica.holds() == "a 600000, b 700000 gone, c 500000, d 800000");
    CHECK(sites.replica.bodies() == sites.master.bodies());
    CHECK(result.etag == at(900'000));
    CHECK(result.cursor == at(840'000));
    CHECK(result.live == 3);
  }
}

TEST_CASE("what was brought by one poll is listed by the next one, and needs no look-up") {
  Passes sites;
  sites.master.hold("a 10, b 500000");
  sites.begin();
  sites.master.hold("a 600000");
  (void)sites.follow();
  sites.replica.seen.clear();
  CHECK(said(sites.follow().report) == "follow in-sync +0 ~0 -0");
  CHECK(sites.replica.seen.empty());
  // Where that is forgotten, the replica is asked, and nothing is written.
  sites.state.remembered.clear();
  CHECK(said(sites.follow().report) == "follow in-sync +0 ~0 -0");
  CHECK(sites.replica.seen.size() == 1);
}

TEST_CASE("a change that is committed late, with an older stamp, is found within the overlap") {
  Passes sites(Profile::postgresql, Profile::postgresql);
  sites.master.hold("b 10");
  sites.begin();
  const Kinto::Held held =
      sites.master.kinto.hold(Site::request("PUT", record_a, R"({"data":{"n":1}})"));
  sites.time.pass(Millis{20});
  sites.master.hold("b 1000020");
  const FollowResult first = sites.follow();
  CHECK(first.etag == at(1'000'020));
  CHECK(sites.replica.holds() == "b 1000020");
  CHECK(sites.master.kinto.commit(held).status == 201);
  const FollowResult second = sites.follow();
  CHECK(second.etag == first.etag);  // which no late commit moves
  CHECK(said(second.report) == "follow in-sync +1 ~0 -0");
  CHECK(sites.replica.holds() == "a 1000000, b 1000020");
}

TEST_CASE("a live record with a member `deleted` is copied, and a tombstone deletes") {
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    Passes sites(profile, profile);
    sites.master.hold("t 10, z 20");
    sites.begin();
    sites.master.put("a", 600'000, R"("deleted":true)");
    sites.master.put("b", 700'000, R"("deleted":true,"n":1)");
    sites.master.put("c", 750'000, R"("deleted":false)");
    sites.master.hold("t 800000 gone");
    const FollowResult result = sites.follow();
    CHECK_FALSE(result.report.error);
    CHECK(said(result.report) == "follow in-sync +3 ~0 -1");
    CHECK(sites.replica.bodies() == sites.master.bodies());
    CHECK(sites.replica.holds() == sites.master.holds());
  }
}

TEST_CASE("what the master writes behind the first page is brought by the next poll") {
  Passes sites;
  sites.master.hold("a 10, b 20, c 30, d 40");
  sites.begin();
  sites.master.kinto.options().paginate_by = 2;
  sites.master.hold("a 500000, b 500010, c 500020");
  sites.master.meanwhile(
      lists, [&] { sites.master.hold("e 900000, a 900010"); }, 2);
  const FollowResult first = sites.follow();
  CHECK(first.etag == at(500'020));
  CHECK(first.cursor == at(440'020));
  (void)sites.follow();
  CHECK(sites.replica.bodies() == sites.master.bodies());
}

TEST_CASE("changes are looked up and written 250 at a time, oldest first") {
  Passes sites;
  sites.begin();
  sites.master.fill(600, 900'000);
  CHECK(said(sites.follow().report) == "follow in-sync +600 ~0 -0");
  CHECK(ids_looked_up(sites.replica) == std::vector<std::ptrdiff_t>{250, 250, 100});
  std::vector<std::string> sent;
  for (const std::string& line : sites.replica.seen) {
    const std::size_t found = line.find("records/r");
    if (found != std::string::npos) sent.push_back(line.substr(found + 8, 4));
  }
  CHECK(sent.size() == 24);  // batches of 25
  CHECK(std::ranges::is_sorted(sent));
  CHECK(sites.replica.bodies() == sites.master.bodies());
}

TEST_CASE("where a write fails, the next poll begins where this one began") {
  Passes sites;
  sites.to_replica.set_patience(Millis{0});
  sites.master.hold("a 10, z 500000");
  const Checkpoint before = sites.begin();
  sites.master.fill(40, 900'000);
  sites.replica.meanwhile(
      "\"PUT\"", [&] { sites.replica.fail("", Errc::unreachable, 1, 99); }, 2);
  const FollowResult failed = sites.follow();
  REQUIRE(failed.report.error);
  CHECK(failed.report.error->code == Errc::unreachable);
  CHECK(failed.report.written.created == 25);
  CHECK(failed.cursor == before.cursor);
  CHECK(failed.etag == before.etag);
  sites.replica.recover();
  CHECK(said(sites.follow().report) == "follow in-sync +15 ~0 -0");
  CHECK(sites.replica.bodies() == sites.master.bodies());
}

TEST_CASE("a poll that cannot be made sense of says why everything is to be compared") {
  using Happens = std::function<void(Passes&)>;
  struct Case {
    std::string what;
    Happens happens;
    std::string because;  // empty: the chain goes on
  };
  const Happens made_anew = [](Passes& s) {
    s.master.remove();
    s.time.pass(Millis{5});
    s.master.provide(test::the_collection);
  };
  const std::vector<Case> cases{
      {"nothing", [](Passes&) {}, ""},
      {"a change, and a past stamp in place of a record",
       [](Passes& s) { s.master.hold("d 900000, p 30"); },
       "the master has 5 records where its changes lead to 4: records came under stamps"},
      {"two go without a tombstone that is listed, one comes",
       [](Passes& s) { s.master.hold("a 31 gone, b 32 gone, d 900000"); },
       "the master has 2 records where its changes lead to 3: records went without a tombstone"},
      {"made anew, and empty", made_anew, "the master has no record as old as the last checkpoint"},
      {"made anew with the old records",
       [made_anew](Passes& s) {
         made_anew(s);
         s.master.hold("a 10, b 20, c 500000");
       },
       "no change that it lists accounts for it"},
      {"made anew with others",
       [made_anew](Passes& s) {
         made_anew(s);
         s.master.hold("k 1000010, l 1000020");
       },
       "the master has no record as old as the last checkpoint"},
      {"the newest is another one",
       [](Passes& s) {
         Passes other(Profile::postgresql, Profile::postgresql);
         other.master.hold("a 10, b 20, d 500000");
         s.master.kinto.restore(other.master.kinto.store());
       },
       "the newest change of the last look is gone"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    Passes sites(Profile::postgresql, Profile::postgresql);
    sites.master.hold("a 10, b 20, c 500000");
    const Checkpoint before = sites.begin();
    c.happens(sites);
    const FollowResult result = sites.follow();
    CHECK_FALSE(result.report.error);
    REQUIRE(result.audit_because.has_value() == !c.because.empty());
    if (!result.audit_because) continue;
    CAPTURE(*result.audit_because);
    CHECK(result.audit_because->find(c.because) != std::string::npos);
    CHECK(result.cursor == before.cursor);
    CHECK(result.etag == before.etag);
    CHECK(result.report.written.deleted == 0);
  }
}

TEST_CASE("a refused record is tried when its time has come, as the master has it then") {
  struct Case {
    std::string what;
    std::string meanwhile;  // on the master
    std::string said;
    std::string then;
  };
  const std::vector<Case> cases{
      {"the same", "", "follow in-sync +1 ~0 -0", "a 500000, b 500010"},
      {"deleted long ago", "a 500020 gone, b 900000", "follow in-sync +0 ~0 -0", "b 900000"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    Passes sites;
    sites.begin();
    sites.replica.reject("a");
    sites.master.hold("a 500000, b 500010");
    CHECK(said(sites.follow().report) == "follow degraded +1 ~0 -0, missing 1");
    sites.replica.recover();
    CHECK(said(sites.follow().report) == "follow degraded +0 ~0 -0");  // its time has not come
    sites.master.hold(c.meanwhile);
    if (!c.meanwhile.empty()) (void)sites.follow();
    sites.time.pass(Millis{60'000});
    CHECK(said(sites.follow().report) == c.said);
    CHECK(sites.replica.holds() == c.then);
    CHECK(sites.state.quarantine.size() == 0);
  }
}

// Else it would end never, and hold up the other collections and the containers.
TEST_CASE("a follow brings what was there when it began, however fast the master is written to") {
  Passes sites;
  sites.master.kinto.options().paginate_by = 2;
  sites.master.hold("a 980000");
  sites.begin();
  sites.master.hold("b 990000, c 990001, d 990002, e 990003");
  int written = 0;
  const auto write_more = [&]() -> Site::Answer {
    sites.time.pass(Millis{10});
    for (int i = 0; i < 4 && written < 200; ++i) {
      sites.master.put("n" + std::to_string(++written), sites.time.ms() + i, R"("n":1)");
    }
    return {};
  };
  sites.master.on(lists, write_more, 2, test::always);
  FollowResult result = sites.follow();
  CHECK(result.end == PassEnd::confirmed);
  CHECK(result.etag == at(990'003));
  CHECK(sites.master.asked(lists) < 6);
  CHECK(sites.replica.bodies().contains("e"));
  after_follow(sites.state, result);
  sites.master.recover();
  CHECK(sites.follow().end == PassEnd::confirmed);
  CHECK(sites.replica.bodies() == sites.master.bodies());
}

TEST_CASE("the newest change of the last look is looked for behind what was there, too") {
  Passes sites;
  sites.master.kinto.options().paginate_by = 2;
  sites.master.hold("x 980000, y 980001, a 990000");
  sites.begin();
  sites.master.hold("b 990010");
  sites.master.on(
      lists,
      [&]() -> Site::Answer {
        return sites.master.hold("p 990050, q 990060, a 990070"), Site::Answer();
      },
      2);
  const FollowResult result = sites.follow();
  CHECK_FALSE(result.audit_because);
  CHECK(result.end == PassEnd::confirmed);
  CHECK(sites.replica.bodies() == sites.master.bodies());
}

}  // namespace kinto_mirror::sync
