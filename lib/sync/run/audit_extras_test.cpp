// What becomes of records that only the replica has, between two Kintos of the model.
#include "sync/run/test_passes.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::at;
using test::Passes;
using test::Profile;
using test::said;

struct Exact : Passes {
  explicit Exact(Profile of_replica = Profile::memory) : Passes(Profile::memory, of_replica) {
    options.extras = Extras::remove;
  }
};

// What the master had at the ETag `ms`.
Before before(std::int64_t ms, std::int64_t live) {
  Before out;
  out.etag = at(ms);
  out.live = live;
  return out;
}

}  // namespace

TEST_CASE("in an exact mirror extras go, unless they are too many or the master looks lost") {
  struct Case {
    std::string what;
    std::string master;
    int of_master;  // more records, from 1000 on
    int of_replica;
    std::string replica;
    MaxDelete max;
    std::string said;
    std::int64_t would_delete;  // where the brake holds
    std::int64_t allowed;
  };
  const MaxDelete ten_percent;
  const MaxDelete everything{true, 100};
  const std::vector<Case> cases{
      {"a few", "a 50", 0, 0, "a 50, x 70", ten_percent, "audit in-sync +0 ~0 -1", 0, 0},
      {"ten are always few", "a 5", 0, 10, "a 5", ten_percent, "audit in-sync +0 ~0 -10", 0, 0},
      {"eleven of twelve", "a 5", 0, 11, "a 5", ten_percent, "audit brake +0 ~0 -0, extra 11", 11,
       10},
      {"a number", "a 5", 0, 3, "a 5", {false, 2}, "audit brake +0 ~0 -0, extra 3", 3, 2},
      {"a number that does", "a 5", 0, 3, "a 5", {false, 3}, "audit in-sync +0 ~0 -3", 0, 0},
      {"none at all", "a 5", 0, 1, "a 5", {true, 0}, "audit brake +0 ~0 -0, extra 1", 1, 0},
      {"a tenth", "a 5", 189, 210, "a 5", ten_percent, "audit in-sync +0 ~0 -21", 0, 0},
      {"more than a tenth", "a 5", 187, 209, "a 5", ten_percent, "audit brake +0 ~0 -0, extra 22",
       22, 21},
      {"an empty master", "", 0, 1, "", ten_percent, "audit brake +0 ~0 -0, extra 1", 1, 0},
      {"an empty master, and all may go", "", 0, 30, "", everything, "audit in-sync +0 ~0 -30", 0,
       0},
      {"deleted there is no doubt",
       "x 900 gone",
       0,
       0,
       "x 70",
       {true, 0},
       "audit in-sync +0 ~0 -1",
       0,
       0},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    Exact sites;
    sites.options.max_delete = c.max;
    sites.master.hold(c.master);
    sites.replica.hold(c.replica);
    sites.master.fill(c.of_master, 1000);
    sites.replica.fill(c.of_replica, 1000);
    const auto held = sites.replica.bodies();
    const AuditResult result = sites.audit();
    CHECK(said(result.report) == c.said);
    REQUIRE(result.report.brake.has_value() == (c.would_delete > 0));
    if (result.report.brake) {
      CHECK(result.report.brake->would_delete == c.would_delete);
      CHECK(result.report.brake->allowed == c.allowed);
      CHECK(sites.replica.bodies() == held);
    } else {
      CHECK(sites.replica.bodies() == sites.master.bodies());
    }
  }
}

TEST_CASE("the tombstones of extras get the least stamps above the replica's ETag") {
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    Exact sites(profile);
    sites.master.hold("a 50");
    sites.replica.hold("a 50, y 60, x 70");
    CHECK(said(sites.audit().report) == "audit in-sync +0 ~0 -2");
    // The older one first.
    CHECK(sites.replica.holds() == "a 50, x 72 gone, y 71 gone");
  }
}

TEST_CASE("where nothing is left of what the master had, the brake holds however few go") {
  struct Case {
    std::string what;
    Before then;
    bool held;
  };
  const std::vector<Case> cases{
      {"it had three, and none of them is there", before(40, 3), true},
      {"nothing is known of before", {}, false},
      {"a is of before", before(50, 3), false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    Exact sites;
    sites.master.hold("a 50");
    sites.replica.hold("a 50, x 20, y 30");
    const AuditResult result = sites.audit(c.then);
    CHECK(result.report.brake.has_value() == c.held);
    if (result.report.brake) CHECK(result.report.brake->master_lost);
    CHECK(sites.replica.holds() == (c.held ? "a 50, x 20, y 30" : "a 50, x 51 gone, y 52 gone"));
  }
}

TEST_CASE("the brake names the first few records by their ids") {
  Exact sites;
  sites.options.max_delete = {false, 0};
  sites.replica.hold("f 10, e 20, d 30, c 40, b 50, a 60");
  sites.master.hold("z 5");
  const AuditResult result = sites.audit();
  REQUIRE(result.report.brake);
  CHECK(result.report.brake->ids == std::vector<std::string>{"a", "b", "c", "d", "e"});
  CHECK(said(result.report) == "audit brake +1 ~0 -0, extra 6");
}

TEST_CASE("each extra is asked for once more before it goes") {
  struct Case {
    std::string what;
    std::string written;  // on the master, behind the walk
    std::string said;
    std::string then;
    std::int64_t newer;
  };
  const std::vector<Case> cases{
      {"nothing", "", "audit in-sync +0 ~0 -1", "a 50, x 71 gone", 0},
      {"made there meanwhile", "x 900", "audit in-sync +0 ~0 -0", "a 50, x 70", 1},
      // Under a past stamp, which the next poll would not read.
      {"of old", "x 20", "audit different +0 ~0 -0, differs 1", "a 50, x 70", 0},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    Exact sites;
    sites.master.hold("a 50");
    sites.replica.hold("a 50, x 70");
    sites.master.meanwhile("id=%22x%22", [&] { sites.master.hold(c.written); });
    const AuditResult result = sites.audit();
    CHECK(said(result.report) == c.said);
    CHECK(sites.replica.holds() == c.then);
    CHECK(result.newer == c.newer);
  }
}

TEST_CASE("an extra that somebody changes at the same moment is left alone") {
  Exact sites;
  sites.master.hold("a 50");
  sites.replica.hold("a 50, x 70");
  sites.replica.meanwhile("\"DELETE\"", [&] { sites.replica.hold("x 80"); });
  sites.replica.meanwhile("DELETE /", [&] { sites.replica.hold("x 80"); });
  const AuditResult result = sites.audit();
  CHECK(result.report.written.deleted == 0);
  CHECK(result.report.state == State::different);
  CHECK(sites.replica.holds() == "a 50, x 80");
}

TEST_CASE("what a master shows of its past tells what happened to it") {
  struct Case {
    std::string what;
    Before then;
    std::string master;
    std::string replica;
    std::string told;
  };
  const std::vector<Case> cases{
      {"nothing happened", before(50, 2), "a 10, b 50", "a 10, b 50", ""},
      {"it goes on", before(50, 2), "a 10, b 90", "a 10, b 50", ""},
      {"emptied", before(50, 2), "q 95 gone", "a 10, b 50",
       "the master was emptied: it had 2 records"},
      {"replaced", before(50, 2), "k 80, l 90", "a 10, b 50",
       "the master has none of the 2 records that it had: it was emptied or replaced"},
      {"restored from a backup", before(90, 2), "a 10", "a 10, b 90",
       "the master went back in time: it was restored from a backup, or replaced"},
      {"the replica lost one", before(50, 2), "a 10, b 50", "b 50",
       "the replica lacked 1 records of before the last look: it lost them, or they were committed "
       "late on the master, or came under past stamps"},
      {"nothing is known of before", {}, "", "a 10", ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    Passes sites;
    sites.master.hold(c.master);
    sites.replica.hold(c.replica);
    const AuditResult result = sites.audit(c.then);
    CHECK_FALSE(result.report.error);
    std::string told;
    for (const std::string& one : resets(c.then, result.seen)) told += one;
    CHECK(told == c.told);
  }
}

TEST_CASE("what the replica refused, and the master had, does not make it look replaced") {
  Passes sites;
  sites.master.hold("a 10, b 90");
  sites.replica.reject("a");
  const AuditResult result = sites.audit(before(50, 1));
  CHECK(result.report.quarantined.size() == 1);
  CHECK(resets(before(50, 1), result.seen).empty());
}

TEST_CASE("what a collection had before it was deleted and made anew goes, as the history tells") {
  struct Case {
    std::string what;
    bool has_history;
    Before then;
    std::string replica;
  };
  Before polled = before(70, 2);
  polled.audited = at(60);
  Before compared = polled;
  compared.audited = at(65);
  const std::string gone = "a 90, x 91 gone, y 92 gone";
  const std::string kept = "a 90, x 20, y 30";
  const std::vector<Case> cases{
      {"deleted since the last look", true, before(40, 2), gone},
      {"nobody tells of it", false, before(40, 2), kept},
      {"followed by then", true, before(70, 2), kept},
      {"polls have moved the ETag past it, and compared nothing", true, polled, gone},
      {"compared since", true, compared, kept},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    Passes sites;  // which keeps what is not known to be deleted
    sites.master.kinto.options().history = c.has_history;
    sites.traits.master_has_history = c.has_history;
    sites.master.hold("x 20, y 30");
    sites.replica.hold("x 20, y 30");
    const std::string path = kinto::collection_path(test::the_collection);
    sites.master.admin("DELETE", path + "?last_modified=" + std::to_string(at(60).ms));
    sites.master.admin("PUT", path);
    sites.master.hold("a 90");
    const AuditResult result = sites.audit(c.then);
    CHECK_FALSE(result.report.error);
    CHECK(sites.replica.holds() == c.replica);
  }
}

TEST_CASE("a deletion of which an audit was not told is followed by the next one that is") {
  Passes sites;
  sites.master.kinto.options().history = true;
  sites.traits.master_has_history = true;
  sites.master.hold("x 20, y 30");
  sites.replica.hold("x 20, y 30");
  const std::string path = kinto::collection_path(test::the_collection);
  sites.master.admin("DELETE", path + "?last_modified=" + std::to_string(at(60).ms));
  sites.master.admin("PUT", path);
  sites.master.hold("a 90");
  constexpr int forbidden = 121;
  sites.master.refuse("/history?", 403, forbidden, 1, test::always);
  sites.begin();
  CHECK(sites.replica.holds() == "a 90, x 20, y 30");
  CHECK(sites.state.checkpoint->untold);
  sites.master.recover();
  sites.audit(before_of(sites.state.checkpoint));
  CHECK(sites.replica.holds() == "a 90, x 91 gone, y 92 gone");
}

}  // namespace kinto_mirror::sync
