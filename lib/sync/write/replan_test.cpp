// What becomes of writes where the replica is ahead of what was listed.
#include "sync/write/test_apply.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::apply;
using test::batch;
using test::create;
using test::erased;
using test::holds;
using test::Names;
using test::object;
using test::Pair;
using test::sent_to;
using test::stored;

}  // namespace

namespace {

const std::string ahead_by_412 = R"({"errno":114,"details":{"existing":)" + object("r1", 90) + "}}";

std::string listing_of(const std::string& objects) {
  return R"({"data":[)" + objects + "]}";
}

Write recheck(const std::string& id, std::int64_t listed, Known replica) {
  Write write = create(id, listed);
  write.action = Action::recheck;
  write.replica = replica;
  return write;
}

}  // namespace

TEST_CASE("a replica that is ahead is left alone where the master has moved on") {
  Pair pair;
  pair.replica.script.answer(412, ahead_by_412);
  pair.master.script.counts(1, 1).answer(200, listing_of(object("r1", 90)));
  const auto [applied, error] = apply(pair, {create("r1", 50)});
  CHECK_FALSE(error);
  CHECK(applied.confirmed());
  CHECK(sent_to(pair.replica) == Names{"PUT r1"});
}

TEST_CASE("a newer version of the master waits for its turn") {
  Pair pair;
  pair.replica.script.answer(412,
                             R"({"errno":114,"details":{"existing":)" + object("r1", 10) + "}}");
  pair.master.script.counts(1, 1).answer(200, listing_of(object("r1", 90)));
  const auto [applied, error] = apply(pair, {create("r1", 50)}, Stamp{80});
  CHECK_FALSE(error);
  CHECK(applied.confirmed());
  CHECK(sent_to(pair.replica) == Names{"PUT r1"});

  // A past stamp has no other turn: no poll would see it.
  Pair past;
  past.replica.script
      .answer(412, R"({"errno":114,"details":{"existing":)" + object("r1", 10) + "}}")
      .answer(200, R"({"data":)" + object("r1", 60) + "}");
  past.master.script.counts(1, 1).answer(200, listing_of(object("r1", 60)));
  CHECK(apply(past, {create("r1", 50)}, Stamp{80}).applied.written.updated == 1);
}

TEST_CASE("bytes that got the stamp of the master's newer version are written over") {
  Pair pair;  // a memory replica has bumped 50 to 51, and then the master has written at 51
  pair.replica.script.answer(201, R"({"data":)" + object("r1", 51) + "}")
      .answer(200, R"({"data":)" + object("r1", 99) + "}")
      .shows_all()
      .answer(200, batch({erased(), stored(51)}));
  pair.master.script.counts(1, 1)
      .answer(200, listing_of(object("r1", 51)))
      .counts(1, 1)
      .answer(200, listing_of(object("r1", 51)));
  const auto [applied, error] = apply(pair, {create("r1", 50)});
  CHECK_FALSE(error);
  CHECK(sent_to(pair.replica) ==
        Names{"PUT r1", "PUT r1", "GET ab5e7700-0000-4000-8000-000000000007", "DELETE r1, PUT r1"});
}

TEST_CASE("a drifted record is deleted and put only after the replica has taken its bytes") {
  Pair pair;
  pair.replica.script.answer(412, ahead_by_412)
      .answer(200, listing_of(""))  // what stands between 50 and 90
      .answer(200, R"({"data":)" + object("r1", 91) + "}")
      .shows_all()  // whoever may write a single record only is told 403
      .answer(200, batch({erased(), stored(50)}));
  pair.master.script.counts(1, 1)
      .answer(200, listing_of(object("r1", 50)))
      .counts(1, 1)
      .answer(200, listing_of(object("r1", 50)));
  const auto [applied, error] = apply(pair, {create("r1", 50)});
  CHECK_FALSE(error);
  CHECK(applied.written.updated + applied.written.created == 1);
  Names sent = sent_to(pair.replica);
  REQUIRE(sent.size() == 5);
  CHECK(sent[2] == "PUT r1");
  CHECK(http::find_header(pair.replica.request(2).headers, "If-Match") == "\"90\"");
  CHECK(sent[4] == "DELETE r1, PUT r1");
}

TEST_CASE("a drifted record is put again with the permissions that it had when it was deleted") {
  const std::string first = R"({"read":["basicauth:one"]})";
  const std::string second = R"({"read":["basicauth:two"]})";
  const auto holds_now = [](std::int64_t stamp, const std::string& permissions) {
    return R"({"data":)" + object("r1", stamp) + R"(,"permissions":)" + permissions + "}";
  };
  Pair pair;
  pair.replica.script.answer(412, ahead_by_412)
      .answer(200, listing_of(""))
      .answer(200, holds_now(91, first))
      .shows_all()
      .answer(200, batch({holds(95), holds(95)}))  // an operator was faster
      .answer(200, listing_of(""))
      .answer(200, holds_now(96, second))  // asked a moment ago
      .answer(200, batch({erased(), stored(50)}));
  for (int i = 0; i < 4; ++i)
    pair.master.script.counts(1, 1).answer(200, listing_of(object("r1", 50)));
  const auto [applied, error] = apply(pair, {create("r1", 50)});
  CHECK_FALSE(error);
  CHECK(applied.confirmed());
  const Names sent = sent_to(pair.replica);
  REQUIRE(sent.size() == 8);
  REQUIRE(sent[4] == "DELETE r1, PUT r1");
  CHECK(pair.replica.request(4).body.find(R"("permissions":)" + first) != std::string::npos);
  REQUIRE(sent[6] == "PUT r1");
  CHECK(pair.replica.request(6).body.find("permissions") == std::string::npos);
  REQUIRE(sent[7] == "DELETE r1, PUT r1");
  CHECK(pair.replica.request(7).body.find(R"("permissions":)" + second) != std::string::npos);
}

TEST_CASE("no record is deleted to be put again where its user may write single records only") {
  Pair pair;
  pair.replica.script.answer(412, ahead_by_412)
      .answer(200, listing_of(""))
      .answer(200, R"({"data":)" + object("r1", 91) + "}")
      .shows_a_part();
  pair.master.script.counts(1, 1)
      .answer(200, listing_of(object("r1", 50)))
      .counts(1, 1)
      .answer(200, listing_of(object("r1", 50)));
  const auto [applied, error] = apply(pair, {create("r1", 50)});
  REQUIRE(error);
  CHECK(error->code == Errc::forbidden);
  for (const std::string& sent : sent_to(pair.replica)) CHECK_FALSE(sent.starts_with("DELETE"));
}

TEST_CASE("a drifted record whose bytes the replica refuses stays there as it is") {
  Pair pair;
  pair.replica.script.answer(412, ahead_by_412)
      .answer(200, listing_of(""))
      .answer(400, R"({"errno":107,"message":"bad field"})");
  pair.master.script.counts(1, 1).answer(200, listing_of(object("r1", 50)));
  const auto [applied, error] = apply(pair, {create("r1", 50)});
  CHECK_FALSE(error);
  REQUIRE(applied.refused.size() == 1);
  CHECK(applied.refused[0].reason == "bad field");
  for (const std::string& sent : sent_to(pair.replica)) CHECK_FALSE(sent.starts_with("DELETE"));
}

TEST_CASE("a replica that is ahead of a master that knows nothing is not touched") {
  Pair pair;
  pair.replica.script.answer(412, ahead_by_412);
  pair.master.script.counts(1, 1).answer(200, listing_of(""));
  const auto [applied, error] = apply(pair, {create("r1", 50)});
  CHECK_FALSE(error);
  CHECK(applied.left.missing + applied.left.differs == 1);
  CHECK(sent_to(pair.replica) == Names{"PUT r1"});
}

TEST_CASE("a newer tombstone of the replica gives way only to what the master has now") {
  Pair deleted;
  deleted.master.script.counts(1, 1)
      .answer(200, listing_of(R"({"id":"r1","last_modified":80,"deleted":true})"))
      .answer(200, listing_of(""));  // no live record has such a field of its own
  const auto gone = apply(deleted, {recheck("r1", 50, Known{Stamp{80}, true})});
  CHECK_FALSE(gone.error);
  CHECK(gone.applied.confirmed());
  CHECK(deleted.replica.script.seen.empty());

  Pair alive;
  alive.master.script.counts(1, 1).answer(200, listing_of(object("r1", 50)));
  alive.replica.script.answer(201, R"({"data":)" + object("r1", 50) + "}");
  const auto back = apply(alive, {recheck("r1", 50, Known{Stamp{80}, true})});
  CHECK_FALSE(back.error);
  CHECK(back.applied.written.created == 1);
}

TEST_CASE("a run of records that was pushed on by one is put right in one pass") {
  Pair pair;
  pair.traits.holds_stamps_once = true;
  // Each stands at the next free stamp above its own, but the first one's stamp is free now.
  std::vector<Write> writes;
  std::string listed;
  for (int i = 1; i <= 3; ++i) {
    const std::string id = "r" + std::to_string(i);
    writes.push_back(recheck(id, 99 + i, Known{Stamp{100 + i}, false}));
    listed += (i > 1 ? "," : "") + object(id, 99 + i);
  }
  const std::string others = object("r2", 101) + "," + object("r3", 102);
  for (const std::string& asked : {listed, listed, others}) {
    pair.master.script.counts(1, 1).answer(200, listing_of(asked));
  }
  pair.replica.script
      .answer(200, listing_of(object("r1", 101)))  // nothing stands at 100
      .answer(200, R"({"data":)" + object("r1", 900) + "}")
      .answer(200, listing_of(""))  // r1 has left 101
      .shows_all()                  // the user may write the whole collection
      .answer(200, batch({erased(), stored(100), stored(901), stored(902)}))
      .answer(200, listing_of(object("r3", 902)))  // likewise
      .answer(200, batch({erased(), stored(101), erased(), stored(102)}));
  const auto [applied, error] = apply(pair, std::move(writes));
  CHECK_FALSE(error);
  CHECK(applied.written.updated == 3);
  CHECK(applied.confirmed());
  CHECK(applied.beside == 0);
  const Names sent = sent_to(pair.replica);
  REQUIRE(sent.size() == 7);
  CHECK(sent[1] == "PUT r1");  // the others wait until it has left
  CHECK(sent[4] == "DELETE r1, PUT r1, PUT r2, PUT r3");
  CHECK(sent[6] == "DELETE r2, PUT r2, DELETE r3, PUT r3");
  const auto asks_for = [&pair](std::size_t request, int stamp) {
    const std::string member = "\"last_modified\":" + std::to_string(stamp);
    return pair.replica.request(request).body.find(member) != std::string::npos;
  };
  CHECK(asks_for(4, 100));
  for (const int stamp : {101, 102}) CHECK(asks_for(6, stamp));
}

TEST_CASE(
    "a record beside a stamp that another one does not leave, being refused, is not written") {
  Pair pair;
  pair.traits.holds_stamps_once = true;
  // r1 is to leave 102 for 100, which is free, and r2 stands behind it.
  pair.master.script.counts(1, 1)
      .answer(200, listing_of(object("r1", 100) + "," + object("r2", 102)))
      .counts(1, 1)
      .answer(200, listing_of(object("r2", 102)));
  pair.replica.script.answer(200, listing_of(object("r3", 101)))
      .answer(400, R"({"errno":107,"message":"bad field"})")
      .answer(200, listing_of(object("r1", 102)))
      .answer(200, listing_of(object("r2", 103)));  // the body is the master's
  const auto [applied, error] = apply(pair, {recheck("r1", 100, Known{Stamp{102}, false}),
                                             recheck("r2", 102, Known{Stamp{103}, false})});
  CHECK_FALSE(error);
  CHECK(applied.refused.size() == 1);
  CHECK(applied.already == 1);
  CHECK(applied.written.updated == 0);
  CHECK(applied.confirmed());
  const Names sent = sent_to(pair.replica);
  REQUIRE(sent.size() == 4);
  CHECK(sent[1] == "PUT r1");
}

}  // namespace kinto_mirror::sync
