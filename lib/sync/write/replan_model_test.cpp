// Writes that meet a replica which somebody else has changed meanwhile, and answers that are lost:
// on Kintos of the model.
#include "sync/test_sites.hpp"
#include "sync/write/applier.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::at;
using test::Profile;
using test::Sites;
using test::the_collection;

// As it was planned: what the master was listed with, and the version that the replica had.
Write planned(const std::string& id, std::int64_t ms, std::optional<std::int64_t> replica,
              bool tombstone = false) {
  Write write;
  write.change = Change{id, at(ms), tombstone};
  write.placed = at(ms);
  if (replica) write.replica = Known{at(*replica), false};
  write.action = tombstone ? Action::remove : (replica ? Action::update : Action::create);
  const std::string stamp = std::to_string(at(ms).ms);
  if (!tombstone) {
    write.record =
        R"({"id":")" + id + R"(","last_modified":)" + stamp + R"(,"n":)" + std::to_string(ms) + "}";
  }
  return write;
}

struct Done {
  Applied applied;
  std::optional<Error> error;
};

Done carry(Sites& sites, const std::vector<Write>& writes,
           std::optional<std::int64_t> horizon = {}) {
  return sites.run<Done>([&](const PassContext& with) -> Task<Done> {
    Applier applier(with, the_collection, 1);
    if (horizon) applier.set_horizon(at(*horizon));
    for (const Write& write : writes) {
      Write copy = write;
      const auto added = co_await applier.add(std::move(copy));
      if (!added) break;
    }
    const auto flushed = co_await applier.flush();
    Done done;
    done.applied = applier.applied();
    if (!flushed) done.error = flushed.error();
    co_return done;
  });
}

// After so many steps of the others: a repair of `a`, as it stands on the replica then.
Task<void> repair_beside(const PassContext& with, Sites& sites, int steps, Done& done) {
  const auto executor = co_await boost::asio::this_coro::executor;
  for (int i = 0; i < steps; ++i) {
    co_await boost::asio::post(executor, boost::asio::use_awaitable);
  }
  Write write = planned("a", 50, std::stoll(sites.replica.bodies().at("a")));
  write.action = plan(write.change, write.replica);
  Applier applier(with, the_collection, 1);
  if (write.action != Action::none) (void)co_await applier.add(std::move(write));
  const auto flushed = co_await applier.flush();
  done.applied = applier.applied();
  if (!flushed) done.error = flushed.error();
}

// "+1 ~0 -0, already 1, newer 0, left 0"
std::string counts(const Applied& applied) {
  const auto number = [](std::int64_t value) { return std::to_string(value); };
  return "+" + number(applied.written.created) + " ~" + number(applied.written.updated) + " -" +
         number(applied.written.deleted) + ", already " + number(applied.already) + ", newer " +
         number(applied.newer) + ", left " + number(applied.left.open());
}

}  // namespace

TEST_CASE("a write that meets another version than was planned with is planned anew") {
  struct Case {
    std::string what;
    std::string master;   // as it is now
    std::string replica;  // likewise
    Write write;
    std::string then;
    std::string counts;
  };
  const std::vector<Case> cases{
      {"nothing was in between", "a 50", "", planned("a", 50, {}), "a 50",
       "+1 ~0 -0, already 0, newer 0, left 0"},
      {"another daemon was faster", "a 50", "a 50", planned("a", 50, {}), "a 50",
       "+0 ~0 -0, already 1, newer 0, left 0"},
      {"an older version came", "a 50", "a 40", planned("a", 50, {}), "a 50",
       "+0 ~1 -0, already 0, newer 0, left 0"},
      {"another older version came", "a 50", "a 45", planned("a", 50, 30), "a 50",
       "+0 ~1 -0, already 0, newer 0, left 0"},
      {"another daemon brought what the master wrote since", "a 70", "a 70", planned("a", 50, 30),
       "a 70", "+0 ~0 -0, already 0, newer 1, left 0"},
      {"somebody wrote to the replica, and the master says the same", "a 50", "a 70",
       planned("a", 50, 30), "a 50", "+0 ~1 -0, already 0, newer 0, left 0"},
      {"it was deleted on the replica", "a 50", "a 60 gone", planned("a", 50, 30), "a 50",
       "+1 ~0 -0, already 0, newer 0, left 0"},
      {"it went from the master", "", "a 70", planned("a", 50, 30), "a 70",
       "+0 ~0 -0, already 0, newer 0, left 1"},
      {"a delete that meets another older version", "x 60 gone", "x 55", planned("x", 60, 40, true),
       "x 60 gone", "+0 ~0 -1, already 0, newer 0, left 0"},
      {"a delete of what is gone", "x 60 gone", "x 58 gone", planned("x", 60, 40, true),
       "x 58 gone", "+0 ~0 -0, already 1, newer 0, left 0"},
      {"a delete, and the master made it anew since", "x 80", "x 80", planned("x", 60, 40, true),
       "x 80", "+0 ~0 -0, already 0, newer 1, left 0"},
  };
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    for (const Case& c : cases) {
      CAPTURE(c.what);
      Sites sites(profile, profile);
      sites.master.hold("z 90");
      sites.replica.hold("z 90");
      sites.master.hold(c.master);
      sites.replica.hold(c.replica);
      const Done done = carry(sites, {c.write}, 60);
      CHECK_FALSE(done.error);
      CHECK(sites.replica.holds() == c.then + ", z 90");
      CHECK(counts(done.applied) == c.counts);
    }
  }
}

TEST_CASE(
    "two daemons in step that repair one record do not undo each other's first half for ever") {
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    for (int behind = 0; behind < 60; ++behind) {
      CAPTURE(behind);
      Sites sites(profile, profile);
      sites.master.hold("a 50, z 90");
      sites.replica.hold("a 70, z 90");
      const auto both = [&](const PassContext& with) -> Task<std::vector<Done>> {
        std::vector<Done> done(2);
        with.background.spawn(repair_beside(with, sites, 0, done.front()));
        with.background.spawn(repair_beside(with, sites, behind, done.back()));
        co_await with.background.join();
        co_return done;
      };
      const auto done = sites.run<std::vector<Done>>(both);
      CHECK(sites.replica.holds() == "a 50, z 90");
      for (const Done& one : done) {
        CHECK_FALSE(one.error);
        CHECK(one.applied.confirmed());
      }
    }
  }
}

TEST_CASE("a batch whose answer is lost is sent again, and stored once") {
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    Sites sites(profile, profile);
    sites.replica.hold("b 10, x 20");
    sites.replica.lose_answer("\"PUT\"");
    const Done done =
        carry(sites, {planned("a", 50, {}), planned("b", 60, 10), planned("x", 70, 20, true)});
    CHECK_FALSE(done.error);
    CHECK(sites.replica.holds() == "a 50, b 60, x 70 gone");
    CHECK(done.applied.confirmed());
    CHECK(done.applied.refused.empty());
  }
}

TEST_CASE("of records that meet one stamp on PostgreSQL each stands at a free one") {
  Sites sites(Profile::memory, Profile::postgresql);
  sites.replica.hold("y 51, x 53 gone");
  const Done done = carry(sites, {planned("a", 50, {}), planned("b", 50, {}), planned("c", 50, {}),
                                  planned("d", 60, {})});
  CHECK_FALSE(done.error);
  const std::string then = sites.replica.holds();
  for (const char* const taken : {" 50,", " 51", " 52,", " 53 gone", " 54,", "d 60"}) {
    CHECK(then.find(taken) != std::string::npos);
  }
  CHECK(counts(done.applied) == "+4 ~0 -0, already 0, newer 0, left 0");
}

TEST_CASE(
    "a drift is repaired without the replica's present, which lies above what is still to come") {
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    for (const std::string others : {"z 60", "q 71, r 72, z 60"}) {
      CAPTURE(others);
      Sites sites(profile, profile);
      sites.master.hold("a 50, z 60, last 80");
      sites.replica.hold("a 70, " + others);
      Write write = planned("a", 50, 70);
      write.action = Action::recheck;
      const Done done = carry(sites, {write});
      CHECK_FALSE(done.error);
      CHECK(counts(done.applied) == "+0 ~1 -0, already 0, newer 0, left 0");
      CHECK(done.applied.beside == 0);
      CHECK(sites.replica.holds() == "a 50, " + others);
      CHECK(sites.replica.etag() <= 73);
    }
  }
}

TEST_CASE("an older body at the next free stamp is not taken for the master's") {
  // Others have taken the stamps between, as tombstones that the daemon placed may have.
  Sites sites(Profile::memory, Profile::postgresql);
  sites.master.hold("a 50, z 90");
  sites.replica.hold("x 50, y 51, z 90");
  sites.replica.put("a", 52, R"("n":7)");
  Write write = planned("a", 50, 52);
  write.action = Action::recheck;
  CHECK_FALSE(carry(sites, {write}).error);
  CHECK(sites.replica.bodies().at("a") == R"(52 {"n":50})");

  const std::size_t asked = sites.replica.seen.size();
  CHECK_FALSE(carry(sites, {write}).error);
  CHECK(sites.replica.seen.size() == asked + 2);  // what stands there, and with which body
}

TEST_CASE("what is refused alone does not keep the others from being stored in their order") {
  for (const int count : {1, 3, 60}) {
    CAPTURE(count);
    Sites sites;
    std::vector<Write> writes;
    writes.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      writes.push_back(planned("r" + std::to_string(100 + i), 50 + i, {}));
    }
    sites.replica.reject("r100");
    sites.replica.reject("r102", 422);
    const Done done = carry(sites, writes);
    CHECK_FALSE(done.error);
    const std::size_t refused = count > 2 ? 2 : 1;
    REQUIRE(done.applied.refused.size() == refused);
    CHECK(done.applied.refused.front().id == "r100");
    CHECK(done.applied.refused.front().status == 400);
    CHECK(done.applied.refused.front().lacking);
    CHECK(sites.replica.bodies().size() == static_cast<std::size_t>(count) - refused);
    CHECK(sites.told.refused.size() == refused);
  }
}

TEST_CASE("a right that is lost ends the pass, and names it") {
  Sites sites;
  sites.replica.allow("read");
  const Done done = carry(sites, {planned("a", 50, {}), planned("b", 60, {})});
  REQUIRE(done.error);
  CHECK(done.error->code == Errc::forbidden);
  CHECK(done.applied.written.all() == 0);
  CHECK(sites.replica.holds().empty());
  sites.replica.allow("write");
  CHECK_FALSE(carry(sites, {planned("a", 50, {}), planned("b", 60, {})}).error);
  CHECK(sites.replica.holds() == "a 50, b 60");
}

TEST_CASE("a collection that goes meanwhile ends the pass") {
  Sites sites;
  sites.replica.hold("a 10");
  sites.replica.meanwhile("PUT", [&] { sites.replica.remove(); });
  const Done done = carry(sites, {planned("a", 50, 10), planned("b", 60, {})});
  REQUIRE(done.error);
  CHECK(is_hidden(done.error->code));
  CHECK(done.applied.written.all() == 0);
}

TEST_CASE("a tombstone below the replica's stamp gets the least one that is new there") {
  // The present would lie above changes of the master that are still to come.
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    Sites sites(profile, profile);
    sites.master.hold("a 60 gone, b 70 gone, c 100");
    sites.replica.hold("a 90, b 80, c 100");
    std::vector<Write> writes;
    writes.reserve(2);
    for (const auto& [id, at, held] : {std::tuple("a", 60, 90), std::tuple("b", 70, 80)}) {
      Write write = planned(id, at, held, true);
      write.action = Action::recheck;
      writes.push_back(std::move(write));
    }
    const Done done = carry(sites, writes);
    CHECK_FALSE(done.error);
    CHECK(sites.replica.holds() == "a 101 gone, b 102 gone, c 100");
  }
}

}  // namespace kinto_mirror::sync
