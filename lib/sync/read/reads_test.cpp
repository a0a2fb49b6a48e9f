// Lists, look-ups and bodies of a Kinto of the model, while others write to it.
#include "sync/read/bodies.hpp"
#include "sync/read/look_up.hpp"
#include "sync/read/walk.hpp"
#include "sync/test_sites.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using kinto::test::run;
using test::at;
using test::Profile;
using test::Sites;
using test::the_collection;

const std::string lists = test::lists_of(the_collection);

// What a walk over the master meets, as Site::holds() says it, in the order of its rows.
struct Walked {
  std::string rows;
  Stamp etag;
  Stamp last_etag;
  std::int64_t live = 0;
  std::int64_t marked = 0;
};

Walked walk(Sites& sites) {
  return sites.run<Walked>([](const PassContext& with) -> Task<Walked> {
    kinto::Listing everything;
    everything.since = before_all;
    everything.stamps_only = true;
    Side side(with.master, kinto::records_path(the_collection), std::move(everything),
              with.background);
    Walked out;
    while (true) {
      if (side.needs_page()) {
        const auto loaded = co_await side.load();
        CHECK(loaded.has_value());
        if (!loaded) break;
      }
      if (side.ended()) break;
      const Row row = side.row();
      out.rows += (out.rows.empty() ? "" : ", ") + std::string(row.id) + " " +
                  std::to_string(row.stamp.ms - test::epoch) + (row.tombstone ? " gone" : "");
      side.advance();
    }
    out.etag = side.reader().etag();
    out.last_etag = side.reader().last_etag();
    out.live = side.reader().live();
    out.marked = side.reader().marked();
    co_return out;
  });
}

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

TEST_CASE("a walk meets every row once, in the order of stamps, on pages of any size") {
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    for (const std::int64_t page : {1, 2, 3, 5, 0}) {
      CAPTURE(page);
      Sites sites(profile, profile);
      sites.master.kinto.options().paginate_by = page;
      sites.master.hold("e 10, x 20 gone, a 30, d 40, y 50 gone");
      const Walked all = walk(sites);
      CHECK(all.rows == "e 10, x 20 gone, a 30, d 40, y 50 gone");
      CHECK(all.live == 3);
      CHECK(all.marked == 0);
      CHECK(all.etag == at(50));
      CHECK(all.last_etag == at(50));
    }
  }
}

TEST_CASE("records that share a stamp are told apart at a page's edge") {
  Sites sites;
  sites.master.kinto.options().paginate_by = 2;
  sites.master.hold("a 7, z 90, b 7, y 91, c 7, x 92, d 7, w 93, e 7");
  CHECK(walk(sites).rows == "a 7, b 7, c 7, d 7, e 7, z 90, y 91, x 92, w 93");
}

TEST_CASE("a live record that says deleted is counted as one, and as marked") {
  for (const Profile profile : {Profile::memory, Profile::postgresql}) {
    Sites sites(profile, profile);
    sites.master.put("a", 10, R"("deleted":true)");
    sites.master.put("b", 20, R"("deleted":true,"n":1)");
    sites.master.hold("c 30, x 40 gone");
    const Walked all = walk(sites);
    CHECK(all.rows == "a 10, b 20, c 30, x 40 gone");
    CHECK(all.live == 3);
    CHECK(all.marked == 2);  // which a list of stamps does not show, but for the member itself
  }
}

TEST_CASE("the ETag is the first page's, and another one of the last page says that it moved") {
  Sites sites;
  sites.master.kinto.options().paginate_by = 2;
  sites.master.hold("a 10, b 20, c 30");
  sites.master.meanwhile(
      lists, [&] { sites.master.hold("a 40, d 50"); }, 2);
  const Walked all = walk(sites);
  CHECK(all.rows == "a 10, b 20, c 30, a 40, d 50");
  CHECK(all.etag == at(30));
  CHECK(all.last_etag == at(50));
}

TEST_CASE("the next page is asked for while the caller works on this one") {
  Sites sites;
  sites.master.kinto.options().paginate_by = 2;
  sites.master.hold("a 10, b 20, c 30");
  const int asked = sites.run<int>([&sites](const PassContext& with) -> Task<int> {
    kinto::Listing everything;
    everything.since = before_all;
    ListingReader reader(with.master, kinto::records_path(the_collection), std::move(everything),
                         with.background);
    const auto page = co_await reader.next();
    REQUIRE(page.has_value());
    (void)co_await with.replica.healthy();  // whatever takes as long as a request
    co_return sites.master.asked(lists);
  });
  CHECK(asked == 2);
}

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

TEST_CASE("an answer of before is believed where it does no harm, and nowhere else") {
  for (const Word word : {Word::any, Word::of_now}) {
    Sites sites;
    sites.master.hold("a 10");
    sites.master.on(lists, [] {
      return test::Site::Answer(
          http::Response{200, {{"Age", "60"}}, R"({"data":[{"id":"a","last_modified":10}]})"});
    });
    std::vector<std::string> ids{"a"};
    const auto found = run(look_up(sites.from_master, the_collection, ids, With::stamps, word));
    REQUIRE(found.has_value() == (word == Word::any));
    if (!found) CHECK(found.error().code == Errc::unproven);
  }
}

TEST_CASE("ids that only look like others are asked for as they are") {
  Sites sites;
  sites.master.hold("1 10, a 20, a-b_c 30");
  std::vector<std::string> ids{"1", "a", "a-b_c", "true"};
  const auto found = run(look_up(sites.from_master, the_collection, ids, With::bodies));
  REQUIRE(found.has_value());
  CHECK(found->size() == 3);
  CHECK(found->at("1").record.find("\"n\":10") != std::string::npos);
}

TEST_CASE("where a list of ids is refused they are asked for in halves, down to one by one") {
  for (const int status : {400, 414, 403}) {
    CAPTURE(status);
    Sites sites;
    sites.master.hold("a 10, b 20, c 30");
    sites.master.on(
        "in_id=",
        [status] {
          return test::Site::Answer(http::Response{status, {}, "<html>no</html>"});
        },
        1, 99);
    std::vector<std::string> ids{"a", "b", "c"};
    const auto found = run(look_up(sites.from_master, the_collection, ids, With::stamps));
    REQUIRE(found.has_value());
    CHECK(found->size() == 3);
  }
}

}  // namespace kinto_mirror::sync
