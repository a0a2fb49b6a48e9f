// Bodies of a Kinto of the model, which is written to meanwhile.
#include "sync/read/bodies.hpp"
#include "sync/test_sites.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::at;
using test::Sites;
using test::the_collection;

const std::string lists = test::lists_of(the_collection);

Write update(const std::string& id, std::int64_t ms, Action action = Action::update) {
  Write write;
  write.action = action;
  write.change = Change{id, at(ms), action == Action::remove};
  write.placed = at(ms);
  return write;
}

Complete complete(Sites& sites, const std::vector<Write>& writes, std::int64_t rows,
                  std::int64_t horizon) {
  return sites.run<Complete>([&](const PassContext& with) -> Task<Complete> {
    std::vector<Write> copy = writes;
    auto out = co_await with_bodies(with, the_collection, std::move(copy), rows, at(horizon));
    REQUIRE(out.has_value());
    co_return std::move(*out);
  });
}

}  // namespace

TEST_CASE("bodies are asked for by id, or by one list where most of a stretch is wanted") {
  for (const bool dense : {false, true}) {
    CAPTURE(dense);
    Sites sites;
    sites.master.fill(200, 1'000);
    std::vector<Write> writes;
    for (int i = 50; i < 150; ++i) {
      writes.push_back(update("r" + std::to_string(100 + i), 1'000 + i));
    }
    const Complete all = complete(sites, writes, dense ? 100 : 1'000, 1'200);
    REQUIRE(all.writes.size() == 100);
    for (const Write& write : all.writes) {
      CHECK(write.record.find("\"n\":" + std::to_string(write.change.stamp.ms - test::epoch)) !=
            std::string::npos);
    }
    CHECK(all.open.empty());
    CHECK(all.newer == 0);
    CHECK((sites.master.asked("in_id=") == 0) == dense);
    CHECK(sites.master.asked(lists) == (dense ? 1 : sites.master.asked("in_id=")));
  }
}

TEST_CASE("what has changed since it was listed is left out, as newer or as open") {
  Sites sites;
  // Listed as a 10, b 20, c 30, d 40, e 50 up to the ETag 60.
  sites.master.hold("a 10, b 100, c 200 gone, e 45");
  const Complete all = complete(sites,
                                {update("a", 10), update("b", 20), update("c", 30), update("d", 40),
                                 update("e", 50), update("x", 55, Action::remove)},
                                6, 60);
  std::vector<std::string> kept;
  for (const Write& write : all.writes) kept.push_back(write.change.id);
  CHECK(kept == std::vector<std::string>{"a", "x"});  // a delete needs no body
  CHECK(all.newer == 2);                              // b and c: the next poll meets them
  CHECK(all.open == std::vector<std::string>{"d", "e"});
}

TEST_CASE("writes that have their bodies, or need none, ask nothing") {
  Sites sites;
  Write with = update("a", 10);
  with.record = "{}";
  const Complete all = complete(sites, {with, update("x", 20, Action::remove)}, 2, 60);
  CHECK(all.writes.size() == 2);
  CHECK(sites.master.seen.empty());
}

TEST_CASE("a stretch that the server filters by no stamp is asked for by ids") {
  Sites sites;
  sites.master.fill(90, 1'000);
  sites.master.refuse("_before=", 400, 107, 1, 9);
  std::vector<Write> writes;
  for (int i = 0; i < 90; ++i) writes.push_back(update("r" + std::to_string(100 + i), 1'000 + i));
  const Complete all = complete(sites, writes, 90, 1'200);
  CHECK(all.writes.size() == 90);
  CHECK(sites.master.asked("in_id=") > 0);
}

TEST_CASE("where the replica's stamp was not held in memory it is asked for") {
  Sites sites;
  sites.replica.hold("a 10, x 30 gone");
  std::vector<Difference> differences(4);
  const std::vector<std::string> ids{"a", "x", "z", "known"};
  for (std::size_t i = 0; i < ids.size(); ++i) {
    differences[i].change = Change{ids[i], at(100), false};
    differences[i].replica = not_held;
  }
  differences[3].replica = Known{at(20), false};
  const auto done = sites.run<Result<void>>([&](const PassContext& with) -> Task<Result<void>> {
    co_return co_await ask_for_not_held(with, the_collection, differences);
  });
  REQUIRE(done.has_value());
  CHECK(differences[0].replica == Known{at(10), false});
  CHECK(differences[1].replica == Known{at(30), true});
  CHECK_FALSE(differences[2].replica);
  CHECK(differences[3].replica == Known{at(20), false});
  CHECK(sites.replica.seen.size() <= 2);
}

}  // namespace kinto_mirror::sync
