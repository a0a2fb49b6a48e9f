// What an audit leaves behind, between two Kintos of the model.
#include "sync/run/audit.hpp"

#include "sync/run/test_passes.hpp"
#include "sync/write/closing_mark.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::at;
using test::Passes;
using test::Profile;
using test::said;

const std::vector<std::pair<Profile, Profile>> all_pairs{
    {Profile::memory, Profile::memory},
    {Profile::memory, Profile::postgresql},
    {Profile::postgresql, Profile::memory},
    {Profile::postgresql, Profile::postgresql},
};

// What of its progress was told.
std::string walked(const Passes& sites) {
  std::string told;
  for (const auto& [done, all] : sites.told.walked) {
    told += std::to_string(done) + " of " + std::to_string(all) + "; ";
  }
  return told;
}
const std::string lists = test::lists_of(test::the_collection);

}  // namespace

TEST_CASE("an audit leaves the replica with all that the master has, and its own beside") {
  struct Case {
    std::string what;
    std::string master;
    std::string replica;
    std::string said;
    std::string then;
  };
  const std::vector<Case> cases{
      {"nothing on either side", "", "", "audit in-sync +0 ~0 -0", ""},
      {"a load", "a 10, b 20, c 30", "", "load in-sync +3 ~0 -0", "a 10, b 20, c 30"},
      {"no load from half on", "a 10, b 20", "a 10", "audit in-sync +1 ~0 -0", "a 10, b 20"},
      {"equal", "a 10, x 30 gone", "a 10, x 30 gone", "audit in-sync +0 ~0 -0", "a 10, x 30 gone"},
      {"another version", "a 60", "a 50", "audit in-sync +0 ~1 -0", "a 60"},
      {"deleted there", "a 60 gone, b 50", "a 40, b 50", "audit in-sync +0 ~0 -1",
       "a 60 gone, b 50"},
      {"deleted there, never here", "a 60 gone, b 50", "b 50", "audit in-sync +0 ~0 -0", "b 50"},
      {"deleted here only", "a 60", "a 70 gone", "load in-sync +1 ~0 -0", "a 60"},
      {"made anew there", "a 60", "a 50 gone", "load in-sync +1 ~0 -0", "a 60"},
      {"drifted", "a 50, b 100", "a 90, b 100", "audit in-sync +0 ~1 -0", "a 50, b 100"},
      {"its own", "a 50", "a 50, x 70", "audit in-sync +0 ~0 -0, extra 1", "a 50, x 70"},
      {"an emptied master", "", "x 70, y 80", "audit in-sync +0 ~0 -0, extra 2", "x 70, y 80"},
  };
  for (const std::pair<Profile, Profile>& of : all_pairs) {
    const Profile of_master = of.first;
    const Profile of_replica = of.second;
    for (const Case& c : cases) {
      CAPTURE(c.what);
      CAPTURE(static_cast<int>(of_master));
      CAPTURE(static_cast<int>(of_replica));
      Passes sites(of_master, of_replica);
      sites.master.hold(c.master);
      sites.replica.hold(c.replica);
      const AuditResult result = sites.audit();
      CHECK(said(result.report) == c.said);
      CHECK(sites.replica.holds() == c.then);
      for (const auto& [id, body] : sites.master.bodies()) {
        CHECK(sites.replica.bodies()[id] == body);
      }
      CHECK(said(sites.audit().report).find("audit in-sync +0 ~0 -0") == 0);
    }
  }
}

TEST_CASE("a closing mark is left without a question where all that the replica shows is known") {
  const std::string question = "_since=0&_sort=-last_modified&_limit=1";
  Passes sites;
  sites.options.closing_marks = true;
  sites.master.hold("a -20, b -10");
  sites.audit();
  CHECK(sites.replica.asked("PUT\",\"path\":\"" +
                            kinto::record_path(test::the_collection, closing_mark_id)) == 1);
  CHECK(sites.replica.asked(question) == 0);
  // Another daemon was faster with one of them, so that its stamp is not known here.
  Passes raced;
  raced.options.closing_marks = true;
  raced.master.hold("a -20, b -10");
  raced.replica.meanwhile("If-None-Match", [&raced] { raced.replica.hold("a -20"); });
  raced.audit();
  CHECK(raced.replica.asked(question) == 1);
}

TEST_CASE("a tombstone that covered the ETag and was written over covers it no more") {
  Passes sites;
  sites.options.closing_marks = true;
  sites.master.hold("a -20");
  sites.replica.hold("a 1500000 gone");
  sites.audit();
  CHECK(sites.replica.asked("PUT\",\"path\":\"" +
                            kinto::record_path(test::the_collection, closing_mark_id)) == 1);
  CHECK(sites.replica.bodies().size() == 1);
}

TEST_CASE("a replica without the collection, or its bucket, is given both and loaded") {
  for (const bool bucket_too : {false, true}) {
    CAPTURE(bucket_too);
    Passes sites;
    sites.master.admin("PUT", "/buckets/b/collections/c", R"({"data":{"display":"names"}})");
    sites.master.fill(300, 1000);
    sites.replica.remove();
    if (bucket_too) sites.replica.admin("DELETE", "/buckets/b");
    const AuditResult result = sites.audit();
    CHECK(said(result.report) == "load in-sync +300 ~0 -0");
    CHECK(sites.replica.bodies() == sites.master.bodies());
    CHECK(sites.replica.everything().find(R"("display":"names")") != std::string::npos);
  }
}

TEST_CASE("the master is listed with bodies where the replica has less than half of its records") {
  struct Case {
    int held;
    PassKind kind;
  };
  for (const Case& c : {Case{80, PassKind::load}, Case{100, PassKind::audit}}) {
    CAPTURE(c.held);
    Passes sites;
    sites.master.fill(175, 1000);
    sites.replica.fill(c.held, 1000);
    const AuditResult result = sites.audit();
    CHECK(result.report.kind == c.kind);
    CHECK(result.report.same == c.held);
    CHECK(result.report.written.created == 175 - c.held);
    // A list of ids and stamps says so.
    const bool stamps_only = sites.master.seen[1].find("_fields=deleted") != std::string::npos;
    CHECK(stamps_only == (c.kind == PassKind::audit));
    CHECK(sites.replica.bodies() == sites.master.bodies());
  }
}

TEST_CASE("a dry run says what is not alike, and writes nothing anywhere") {
  struct Case {
    std::string what;
    std::string master;
    std::string replica;
    std::string said;
  };
  const std::vector<Case> cases{
      {"equal", "a 10", "a 10", "audit in-sync +0 ~0 -0"},
      {"missing", "a 10, b 20", "a 10", "audit different +0 ~0 -0, missing 1"},
      {"older", "a 60", "a 50", "audit different +0 ~0 -0, differs 1"},
      {"newer", "a 50, b 100", "a 90, b 100", "audit different +0 ~0 -0, differs 1"},
      {"deleted", "a 60 gone", "a 50", "audit different +0 ~0 -0, extra 1, undeleted 1"},
      {"its own", "a 10", "a 10, x 20", "audit in-sync +0 ~0 -0, extra 1"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    Passes sites;
    sites.options.dry_run = true;
    sites.master.hold(c.master);
    sites.replica.hold(c.replica);
    const std::string of_master = sites.master.everything();
    const std::string of_replica = sites.replica.everything();
    CHECK(said(sites.audit().report) == c.said);
    CHECK(sites.master.everything() == of_master);
    CHECK(sites.replica.everything() == of_replica);
  }
}

TEST_CASE("a dry run makes no collection, and says that all of it is missing") {
  Passes sites;
  sites.options.dry_run = true;
  sites.master.hold("a 10, b 20, x 30 gone");
  sites.replica.remove();
  const std::string before = sites.replica.everything();
  const AuditResult result = sites.audit();
  CHECK(said(result.report) == "load different +0 ~0 -0, missing 2");
  CHECK(result.report.examples == std::vector<std::string>{"a", "b"});
  CHECK(sites.replica.everything() == before);
}

TEST_CASE("a record whose stamp is taken on PostgreSQL takes the next free one, and stays there") {
  Passes sites(Profile::memory, Profile::postgresql);
  sites.master.hold("a 5, z 9, b 5, y 6");
  CHECK(said(sites.audit().report) == "load in-sync +4 ~0 -0");
  CHECK(sites.replica.holds() == "a 5, b 7, y 6, z 9");
  sites.replica.seen.clear();
  CHECK(said(sites.audit().report) == "audit in-sync +0 ~0 -0");
  CHECK(sites.replica.asked("\"PUT\"") == 0);
  CHECK(sites.replica.holds() == "a 5, b 7, y 6, z 9");
}

TEST_CASE("what the master writes while it is read is left to the next poll") {
  struct Case {
    std::string what;
    std::string written;  // behind the first page, which has a and b
    std::string now;
    std::string then;
  };
  const std::vector<Case> cases{
      {"a new record", "e 990", "a 10, b 20, c 30, d 40", "a 10, b 20, c 30, d 40, e 990"},
      {"one that was read", "a 990", "a 10, b 20, c 30, d 40", "a 990, b 20, c 30, d 40"},
      {"one that was not", "d 990", "a 10, b 20, c 30", "a 10, b 20, c 30, d 990"},
      {"a delete", "d 990 gone", "a 10, b 20, c 30", "a 10, b 20, c 30"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    Passes sites;
    sites.master.kinto.options().paginate_by = 2;
    sites.master.hold("a 10, b 20, c 30, d 40");
    sites.master.meanwhile(
        lists, [&] { sites.master.hold(c.written); }, 2);
    sites.begin();
    CHECK(sites.replica.holds() == c.now);
    const FollowResult next = sites.follow();
    CHECK_FALSE(next.report.error);
    CHECK(sites.replica.holds() == c.then);
  }
}

TEST_CASE("progress is of the master's records, whatever the replica has") {
  Passes sites;
  sites.master.kinto.options().paginate_by = 2;
  sites.master.hold("a 10, b 20, c 30, d 40, e 50, f 60 gone");
  sites.replica.hold("a 10, b 20, c 30, d 40, x 5, y 6, z 7");
  sites.audit();
  // At the end of a page its last record still waits for its counterpart.
  CHECK(walked(sites) == "0 of 5; 1 of 5; 3 of 5; 4 of 5; 5 of 5; ");
}

TEST_CASE("progress is what is written, not what was read") {
  Passes sites;
  std::string records;
  for (int i = 10; i < 70; ++i) {
    const std::string number = std::to_string(i);
    records += (records.empty() ? "r" : ", r") + number + " " + number;
  }
  sites.master.hold(records);
  sites.audit();
  CHECK(walked(sites) == "0 of 60; 0 of 60; 25 of 60; 50 of 60; 60 of 60; ");
}

TEST_CASE("an audit gives the checkpoint of the first page: ETag, clock less the overlap, number") {
  Passes sites;
  sites.master.kinto.options().paginate_by = 2;
  SUBCASE("the ETag is older than the clock") {
    sites.master.hold("a 10, b 20, c 500000, d 600000, x 700000 gone");
    const Checkpoint given = sites.begin();
    CHECK(given.master == "http://master.test/v1");
    CHECK(given.collection == test::the_collection);
    CHECK(given.etag == at(700'000));
    CHECK(given.cursor == at(640'000));
    CHECK(given.live == 4);
    CHECK(given.audited == at(1'000'000));
    CHECK(given.quarantined == 0);
  }
  SUBCASE("a stamp of the future drives the ETag ahead of the clock") {
    sites.master.hold("a 10, b 4100000");
    const Checkpoint given = sites.begin();
    CHECK(given.etag == at(4'100'000));
    CHECK(given.cursor == at(940'000));
  }
  SUBCASE("the master is written to behind the first page") {
    sites.master.hold("a 10, b 20, c 500000");
    sites.master.meanwhile(
        lists, [&] { sites.master.hold("d 900000"); }, 2);
    const Checkpoint given = sites.begin();
    CHECK(given.etag == at(500'000));
    CHECK(given.cursor == at(440'000));
    CHECK(given.live == 3);
  }
}

TEST_CASE("what the replica refuses is named, the rest is copied, and it is not in sync") {
  Passes sites;
  sites.master.hold("a 10, b 20, c 30");
  sites.replica.reject("b");
  const AuditResult result = sites.audit();
  CHECK(said(result.report) == "load degraded +2 ~0 -0, missing 1");
  CHECK(sites.replica.holds() == "a 10, c 30");
  REQUIRE(result.report.quarantined.size() == 1);
  CHECK(result.report.quarantined.front().id == "b");
  CHECK(result.report.quarantined.front().stamp == at(20));
  CHECK(result.report.quarantined.front().status == 400);
  CHECK(sites.told.refused == std::vector<std::string>{"b"});
  sites.replica.recover();
  CHECK(said(sites.audit().report) == "audit in-sync +1 ~0 -0");
}

}  // namespace kinto_mirror::sync
