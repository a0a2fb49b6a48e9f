#include "sync/decide/resets.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

// 200 records at ETag 100.
Checkpoint before() {
  Checkpoint checkpoint;
  checkpoint.etag = Stamp{100};
  checkpoint.cursor = Stamp{40};
  checkpoint.live = 200;
  return checkpoint;
}

Polled polled(std::int64_t etag, std::int64_t newest, std::int64_t live, std::int64_t deleted,
              std::optional<std::int64_t> counted) {
  Polled out;
  out.etag = Stamp{etag};
  out.newest = Stamp{newest};
  out.live = live;
  out.deleted = deleted;
  out.counted = counted;
  return out;
}

}  // namespace

TEST_CASE("a poll goes on from the checkpoint, or something broke the chain") {
  struct Case {
    const char* what;
    Polled polled;
    const char* broken;  // empty: it goes on
  };
  const std::vector<Case> cases{
      {"nothing happened", polled(100, 100, 0, 0, 200), ""},
      {"nothing is listed, since all is older", polled(100, 0, 0, 0, 200), ""},
      {"one was created", polled(150, 150, 1, 0, 201), ""},
      {"one was updated", polled(150, 150, 1, 0, 200), ""},
      {"one was deleted", polled(150, 150, 0, 1, 199), ""},
      {"one was created and deleted again", polled(150, 150, 0, 1, 200), ""},
      {"one was committed late", polled(100, 100, 1, 0, 201), ""},
      {"written while it was listed", polled(150, 160, 2, 0, std::nullopt), ""},
      {"it was restored", polled(90, 90, 0, 0, 180), "went back"},
      {"no ETag", polled(0, 90, 0, 0, 180), "without an ETag"},
      {"made anew", polled(150, 0, 0, 0, 60), "no change that it lists accounts for it"},
      {"made anew, and an old change listed", polled(150, 120, 1, 0, 200), "accounts for it"},
      {"an import of past stamps", polled(150, 150, 2, 0, 862),
       "862 records where its changes lead to 202"},
      {"the same at rest", polled(100, 100, 0, 0, 201), "records came under stamps"},
      {"made anew and written since", polled(150, 150, 1, 0, 61),
       "61 records where its changes lead to 200"},
      {"purged", polled(150, 150, 0, 1, 198), "went without a tombstone"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    const auto broken = broken_chain(before(), c.polled);
    CHECK(broken.has_value() == (*c.broken != '\0'));
    if (broken) CHECK(broken->find(c.broken) != std::string::npos);
  }
}

TEST_CASE("the newest change of the last look must be there, or a newer version of it") {
  Polled gone = polled(150, 150, 1, 0, 200);
  gone.newest_is_there = false;
  const auto broken = broken_chain(before(), gone);
  REQUIRE(broken);
  CHECK(broken->find("is gone") != std::string::npos);
}

TEST_CASE("a reset is told by what the servers hold") {
  struct Case {
    std::string what;
    Before before;
    Seen seen;  // ETag, records of the master, survivors, lost
    std::vector<std::string> told;
  };
  const Before known{Stamp{100}, 8};
  const std::vector<Case> cases{
      {"nothing known", Before{}, {Stamp{50}, 0, 0, 3, 0}, {}},
      {"the last list came without an ETag", Before{Stamp{}, 8}, {Stamp{120}, 8, 0, 0, 0}, {}},
      {"nothing happened", known, {Stamp{120}, 9, 8, 0, 0}, {}},
      {"emptied", known, {Stamp{200}, 0, 0, 0, 0}, {"the master was emptied"}},
      {"emptied and written again",
       known,
       {Stamp{200}, 2, 0, 0, 0},
       {"the master has none of the 8"}},
      {"restored", known, {Stamp{90}, 7, 7, 0, 0}, {"the master went back in time"}},
      {"some lost", known, {Stamp{100}, 8, 3, 5, 5}, {"the replica lost 5 records"}},
      {"all lost", known, {Stamp{100}, 8, 0, 8, 8}, {"the replica lost 8 records"}},
      {"an import",
       known,
       {Stamp{100}, 13, 8, 5, 0},
       {"the replica lacked 5 records of before the last look, which were committed late"}},
      {"some lost, and an import",
       known,
       {Stamp{100}, 13, 6, 7, 2},
       {"the replica lost 2 records"}},
      {"nobody counted the replica",
       known,
       {Stamp{100}, 8, 3, 5, std::nullopt},
       {"the replica lacked 5 records of before the last look: it lost them, or"}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    const auto told = resets(c.before, c.seen);
    REQUIRE(told.size() == c.told.size());
    for (std::size_t i = 0; i < told.size(); ++i) CHECK(told[i].starts_with(c.told[i]));
  }
}

}  // namespace kinto_mirror::sync
