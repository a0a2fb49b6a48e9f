// What a follow pass concludes and remembers, against two servers in a script.
#include "sync/run/follow.hpp"

#include "sync/test_pair.hpp"
#include "sync/write/test_apply.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

const CollectionId collection("b", "c");
const std::string nothing = R"({"data":[]})";
const std::string record = R"({"data":[{"id":"a","last_modified":500000,"n":1}]})";

http::Headers etag(const std::string& stamp) {
  return {{"ETag", "\"" + stamp + "\""}};
}

// One collection, whose checkpoint stands at the ETag 400000.
struct Followed : test::Pair {
  Followed() {
    state.checkpoint.emplace();
    state.checkpoint->etag = Stamp{400'000};
    state.checkpoint->cursor = Stamp{340'000};
  }

  FollowResult pass() {
    return run<FollowResult>(
        [this](const PassContext& context) { return follow(context, collection, state); });
  }

  // A pass that meets the record, and a replica that answers its PUT so.
  FollowResult pass_with_record(int status) {
    master.script.answer(200, record, etag("500000"));
    master.script.counts(1, 500000);
    replica.script.answer(200, nothing, etag("1"));
    replica.script.answer(status, R"({"errno":107,"data":{"id":"a","last_modified":500000}})");
    return pass();
  }

  // The same when only its time in quarantine brings it up.
  FollowResult pass_with_retry(int status) {
    master.script.answer(200, record, etag("500000"))
        .counts(1, 500000)
        .answer(200, record, etag("500000"));
    replica.script.answer(200, nothing, etag("1"));
    replica.script.answer(status, R"({"errno":107,"data":{"id":"a","last_modified":500000}})");
    return pass();
  }

  // A pass that meets the record, and asks whether it may be written.
  FollowResult pass_with_leave(bool leave) {
    master.script.answer(200, record, etag("500000"));
    if (leave) master.script.counts(1, 500000);
    replica.script.answer(200, nothing, etag("1"));
    replica.script.answer(201, R"({"data":{"id":"a","last_modified":500000}})");
    MayWrite may = [leave]() -> Task<bool> { co_return leave; };
    return run<FollowResult>([this, &may](const PassContext& context) {
      return follow(context, collection, state, std::move(may));
    });
  }

  void take_over(const FollowResult& result) {
    state.checkpoint->cursor = result.cursor;
    state.checkpoint->etag = result.etag;
    state.checkpoint->live = result.live;
  }

  CollectionState state;
};

}  // namespace

TEST_CASE("what may not be written yet is left to a later pass, and nothing is sent") {
  Followed pair;
  const FollowResult waits = pair.pass_with_leave(false);
  CHECK_FALSE(waits.report.error);
  CHECK(waits.end == PassEnd::left);
  CHECK(waits.etag == Stamp{400'000});
  CHECK(pair.replica.script.seen.empty());
  Followed other;
  const FollowResult goes = other.pass_with_leave(true);
  CHECK(goes.end == PassEnd::confirmed);
  CHECK(goes.report.written.created == 1);
}

TEST_CASE("a change that was applied moves the cursor, and is remembered") {
  Followed pair;
  const FollowResult result = pair.pass_with_record(201);
  CHECK_FALSE(result.report.error);
  CHECK(result.report.state == State::in_sync);
  CHECK(result.report.written.created == 1);
  CHECK(result.etag == Stamp{500'000});
  CHECK(result.cursor == Stamp{440'000});
  CHECK(pair.state.remembered.holds("a", Known{Stamp{500'000}, false}));
}

TEST_CASE("what is newer than the ETag of its list was not counted by the round's question") {
  // The master was written to between the list's ETag and its rows: `a` stands above it, is
  // applied, and the count of before knows nothing of it.
  Followed pair;
  pair.state.probed.emplace();
  pair.state.probed->etag = Stamp{450'000};
  pair.state.probed->live = 7;
  pair.master.script.answer(200, record, etag("450000"));
  pair.replica.script.answer(200, nothing, etag("1"));
  pair.replica.script.answer(201, R"({"data":{"id":"a","last_modified":500000}})");
  SUBCASE("and the next count is of a later ETag") {
    pair.master.script.counts(8, 500000);
    const FollowResult result = pair.pass();
    CHECK(result.report.written.created == 1);
    CHECK_FALSE(result.counted);
  }
  SUBCASE("and the next count is of the same ETag: the stamp is odd, and the count is right") {
    pair.master.script.counts(1, 450000);
    const FollowResult result = pair.pass();
    CHECK(result.counted);
    CHECK(result.live == 1);
  }
}

TEST_CASE("a refused record is named, does not hold up the cursor, and is no equality") {
  Followed pair;
  const FollowResult result = pair.pass_with_record(400);
  CHECK_FALSE(result.report.error);
  CHECK(result.report.state == State::degraded);
  REQUIRE(result.report.quarantined.size() == 1);
  CHECK(result.report.quarantined.front().id == "a");
  CHECK(result.report.quarantined.front().status == 400);
  CHECK(result.report.waiting == 0);
  CHECK(result.cursor == Stamp{440'000});
  pair.take_over(result);
  // Nothing new, and the record waits: that is still no equality.
  pair.master.script.answer(200, record, etag("500000"));
  const FollowResult next = pair.pass();
  CHECK_FALSE(next.report.error);
  CHECK(next.report.quarantined.empty());
  CHECK(next.report.waiting == 1);
  CHECK(next.report.state == State::degraded);
}

TEST_CASE("a record that is refused again waits longer each time") {
  Followed pair;
  pair.take_over(pair.pass_with_record(400));
  for (const int minutes : {1, 2, 4, 8}) {
    CAPTURE(minutes);
    pair.wait(Millis(minutes * 60'000 - 1));
    CHECK(pair.state.quarantine.due(pair.clock.now()).empty());
    pair.wait(Millis(1));
    REQUIRE(pair.state.quarantine.due(pair.clock.now()).size() == 1);
    const FollowResult result = pair.pass_with_retry(400);
    CHECK_FALSE(result.report.error);
    CHECK(pair.state.quarantine.size() == 1);
  }
}

TEST_CASE("a record that is taken at last leaves the quarantine") {
  Followed pair;
  pair.take_over(pair.pass_with_record(400));
  pair.wait(Millis(60'000));
  const FollowResult result = pair.pass_with_retry(201);
  CHECK_FALSE(result.report.error);
  CHECK(result.report.written.created == 1);
  CHECK(result.report.state == State::in_sync);
  CHECK(pair.state.quarantine.size() == 0);
}

TEST_CASE("a refused record that the master has no more leaves the quarantine") {
  Followed pair;
  pair.take_over(pair.pass_with_record(400));
  pair.wait(Millis(60'000));
  pair.master.script.answer(200, record, etag("500000"))
      .counts(1, 500000)
      .answer(200, nothing, etag("500000"));  // gone a moment later, and its tombstone with it
  pair.replica.script.answer(200, nothing, etag("1"));
  const FollowResult result = pair.pass();
  CHECK_FALSE(result.report.error);
  CHECK(pair.state.quarantine.size() == 0);
  CHECK(result.report.waiting == 0);
  CHECK(result.report.state == State::in_sync);
}

TEST_CASE("a record that was left for the next pass stays in quarantine") {
  Followed pair;
  pair.take_over(pair.pass_with_record(400));
  pair.wait(Millis(60'000));
  pair.master.script.answer(200, nothing, etag("500000")).answer(200, record, etag("500000"));
  pair.replica.script.answer(200, nothing, etag("1"));
  // Somebody has written to the replica, and the master does not know the record any more.
  pair.replica.script.answer(
      412, R"({"errno":114,"details":{"existing":{"id":"a","last_modified":600000}}})");
  pair.master.script.answer(200, nothing, etag("500000"));
  const FollowResult result = pair.pass();
  CHECK_FALSE(result.report.error);
  CHECK(pair.state.quarantine.size() == 1);
}

TEST_CASE("an ETag that went back is cause to compare everything") {
  Followed pair;
  pair.master.script.answer(200, nothing, etag("399999"));
  const FollowResult result = pair.pass();
  CHECK(result.audit_because.has_value());
  CHECK(result.cursor == Stamp{340'000});
  CHECK(result.etag == Stamp{400'000});
}

TEST_CASE("a master that has nothing of what it had is compared before that is forgotten") {
  const std::string tombstone = R"({"data":[{"id":"t","last_modified":450000,"deleted":true}]})";
  for (const std::string& oldest : {nothing, record, std::string()}) {
    CAPTURE(oldest);
    Followed pair;
    pair.state.checkpoint->live = 1;
    pair.replica.script.answer(200, nothing);
    if (oldest.empty()) {
      // Deleted, and so not lost: nothing more is asked.
      pair.master.script.answer(200, tombstone, etag("450000")).answer(200, nothing);
      pair.master.script.counts(0, 450000);
    } else {
      // Flushed, and perhaps written again: the ETag went forward.
      pair.master.script.answer(200, oldest, etag("500000")).answer(200, oldest);
      pair.replica.script.answer(201, R"({"data":{"id":"a","last_modified":500000}})");
    }
    const FollowResult result = pair.pass();
    CHECK_FALSE(result.report.error);
    CHECK(result.audit_because.has_value() == !oldest.empty());
    // What is told of the time before stays.
    CHECK((result.etag == Stamp{400'000}) == !oldest.empty());
    CHECK(pair.master.script.answers.empty());
  }
}

TEST_CASE("a master that still has something of what it had is followed on") {
  const std::string older = R"({"data":[{"id":"a","last_modified":300000}]})";
  const std::string within = R"({"data":[{"id":"b","last_modified":390000},)"
                             R"({"id":"a","last_modified":500000}]})";
  struct Case {
    std::string listed;
    std::string on_replica;
    bool asked;
  };
  const std::vector<Case> cases{
      {record, nothing, true},   // only new ones, beside one that is as old
      {record, older, false},    // a newer version of a record that it had
      {within, nothing, false},  // listed again for the sake of late commits
  };
  for (const Case& c : cases) {
    CAPTURE(c.listed);
    Followed pair;
    pair.state.checkpoint->live = 2;
    pair.master.script.answer(200, c.listed, etag("500000"));
    if (c.asked) pair.master.script.answer(200, older);
    pair.master.script.counts(2, 500000);
    pair.replica.script.answer(200, c.on_replica);
    if (c.listed == within) {
      pair.replica.script.answer(200, test::batch({test::stored(390'000), test::stored(500'000)}));
    } else {
      pair.replica.script.answer(200, R"({"data":{"id":"a","last_modified":500000}})");
    }
    const FollowResult result = pair.pass();
    CHECK_FALSE(result.report.error);
    CHECK_FALSE(result.audit_because);
    CHECK(result.etag == Stamp{500'000});
    CHECK(pair.master.script.answers.empty());
    CHECK((pair.master.script.seen.size() == 3) == c.asked);
  }
}

TEST_CASE("a quarantined record that the master has written again is one that it had") {
  Followed pair;
  pair.take_over(pair.pass_with_record(400));
  pair.state.checkpoint->live = 1;
  pair.master.script
      .answer(200, R"({"data":[{"id":"a","last_modified":600000,"n":2}]})", etag("600000"))
      .counts(1, 600000);
  pair.replica.script.answer(200, nothing).answer(400);
  const FollowResult result = pair.pass();
  CHECK_FALSE(result.report.error);
  CHECK_FALSE(result.audit_because);
}

TEST_CASE("a record that is listed twice is looked up again after its first version is written") {
  Followed pair;
  http::Headers with_next = etag("500000");
  with_next.emplace_back("Next-Page", "http://master.test/v1/x?_token=t");
  pair.master.script
      .answer(200, record, with_next)
      // Deleted while the first page was read.
      .answer(200, R"({"data":[{"id":"a","last_modified":500001,"deleted":true}]})", etag("500001"))
      .answer(200, nothing, etag("500001"))  // it was as long as the first: was it the last one?
      .answer(200, nothing)                  // no live record has such a field of its own
      .counts(0, 500001)
      .shows_all();  // shows everything
  pair.replica.script.answer(200, nothing)
      .answer(201, R"({"data":{"id":"a","last_modified":500000}})")
      .answer(200, record)
      .answer(200, R"({"data":{"id":"a","last_modified":500001,"deleted":true}})");
  const FollowResult result = pair.pass();
  CHECK_FALSE(result.report.error);
  CHECK(result.report.written.created == 1);
  CHECK(result.report.written.deleted == 1);
  CHECK(test::sent_to(pair.replica).back() == "DELETE a?last_modified=500001");
  CHECK(pair.replica.script.answers.empty());
}

}  // namespace kinto_mirror::sync
