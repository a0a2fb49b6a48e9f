#include "sync/decide/checkpoint.hpp"

#include "base/json_slice.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

const std::string master = "https://master.example/v1";

Checkpoint full() {
  Checkpoint checkpoint;
  checkpoint.master = master;
  checkpoint.collection = CollectionId("main", "one");
  checkpoint.cursor = Stamp{1795492035931};
  checkpoint.etag = Stamp{1795492095931};
  checkpoint.live = 12345;
  checkpoint.audited = Stamp{1795492000000};
  checkpoint.quarantined = 3;
  return checkpoint;
}

std::string replaced(std::string text, const std::string& old, const std::string& by) {
  const std::size_t at = text.find(old);
  REQUIRE(at != std::string::npos);
  return text.replace(at, old.size(), by);
}

// `^[a-zA-Z0-9][a-zA-Z0-9_-]*$`, and no line end behind it.
bool fit_for_kinto(const std::string& id) {
  const auto alnum = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !id.empty() && alnum(id[0]) &&
         std::ranges::all_of(id, [&](char c) { return alnum(c) || c == '_' || c == '-'; });
}

}  // namespace

TEST_CASE("a checkpoint comes back as it was stored") {
  const auto back = decode(encode(full()));
  REQUIRE(back.has_value());
  CHECK(*back == full());
}

TEST_CASE("what is said of a checkpoint comes back with it") {
  for (bool Checkpoint::*sign :
       {&Checkpoint::braked, &Checkpoint::withdrawn, &Checkpoint::untold}) {
    Checkpoint checkpoint = full();
    checkpoint.*sign = true;
    const auto back = decode(encode(checkpoint));
    REQUIRE(back.has_value());
    CHECK(*back == checkpoint);
    CHECK(*back != full());
  }
}

TEST_CASE("the ids that were refused come back, odd ones too, and no more than were meant") {
  Checkpoint checkpoint = full();
  checkpoint.refused = {"a", "with \"quotes\"", "\xc3\xa4"};
  const auto back = decode(encode(checkpoint));
  REQUIRE(back.has_value());
  CHECK(*back == checkpoint);
  CHECK(before_of(*back).refused == checkpoint.refused);
  checkpoint.refused.assign(Checkpoint::max_refused + 1, "x");
  CHECK(decode(encode(checkpoint))->refused.size() == Checkpoint::max_refused);
  // What somebody else has made of it names nothing, and spoils nothing.
  const auto odd = decode(replaced(encode(full()), "}", ",\"refused\":7}"));
  REQUIRE(odd.has_value());
  CHECK(odd->refused.empty());
}

TEST_CASE("a replica with fewer records than the checkpoint and the master lacks some") {
  struct Case {
    std::string what;
    std::int64_t etag;
    bool broken;
    std::optional<std::int64_t> live;
    std::int64_t of_master;
    bool lacks;
  };
  for (const Case& c : {
           Case{"nothing was ever there", 0, false, std::nullopt, 200, false},
           Case{"as before", 500, false, 200, 200, false},
           Case{"with some of its own", 500, false, 205, 200, false},
           Case{"the collection is gone", 500, false, std::nullopt, 200, true},
           Case{"it is empty", 500, false, 0, 200, true},
           Case{"one is missing", 500, false, 199, 200, true},
           Case{"the master has more now", 500, false, 200, 1000, false},
           Case{"the master has fewer now, and they are followed", 500, false, 150, 150, false},
           Case{"the chain is broken", 500, true, 200, 200, true},
           Case{"a chain of nothing", 0, true, 0, 200, false},
       }) {
    CAPTURE(c.what);
    Before before;
    before.etag = Stamp{c.etag};
    before.live = c.etag > 0 ? 200 : 0;
    before.broken = c.broken;
    CHECK(may_lack(before, c.live, c.of_master) == c.lacks);
  }
}

TEST_CASE("a checkpoint with odd names comes back too") {
  Checkpoint checkpoint = full();
  checkpoint.master = "https://h/\"quoted\"\\\n\xC3\xA9";
  checkpoint.collection = CollectionId("b\n", "c\n");
  const auto back = decode(encode(checkpoint));
  REQUIRE(back.has_value());
  CHECK(*back == checkpoint);
}

TEST_CASE("a new checkpoint of an empty collection is whole") {
  Checkpoint checkpoint;
  checkpoint.master = master;
  checkpoint.collection = CollectionId("b", "c");
  const auto back = decode(encode(checkpoint));
  REQUIRE(back.has_value());
  CHECK(*back == checkpoint);
}

TEST_CASE("what Kinto adds to its record does not matter") {
  const std::string stored = replaced(
      encode(full()), "{", R"({"id":"x", "last_modified": 5, "new_member": {"cursor": 1},)");
  const auto back = decode(stored);
  REQUIRE(back.has_value());
  CHECK(*back == full());
}

TEST_CASE("what another version wrote, or somebody else, is refused") {
  const std::string text = encode(full());
  for (const std::string& wrong : {
           replaced(text, "\"schema\":1", "\"schema\":2"),
           replaced(text, "\"schema\":1", "\"schema\":\"1\""),
           replaced(text, "\"schema\":1,", ""),
           replaced(text, "\"master\"", "\"nobody\""),
           replaced(text, "\"" + master + "\"", "7"),
           replaced(text, "\"bucket\"", "\"nothing\""),
           replaced(text, "\"collection\"", "\"nothing\""),
           replaced(text, "\"cursor\"", "\"nothing\""),
           replaced(text, "1795492035931", "-1"),
           replaced(text, "1795492035931", "\"1795492035931\""),
           replaced(text, "1795492035931", "1.5"),
           replaced(text, "\"etag\"", "\"nothing\""),
           replaced(text, "\"live\"", "\"nothing\""),
           replaced(text, "\"audited\"", "\"nothing\""),
           replaced(text, "\"quarantined\"", "\"nothing\""),
           text.substr(0, text.size() - 1),
           std::string("{}"),
           std::string("[]"),
           std::string(),
       }) {
    CAPTURE(wrong);
    const auto decoded = decode(wrong);
    REQUIRE(decoded.has_error());
    CHECK(decoded.error().code == Errc::rejected);
  }
}

TEST_CASE("the id of a checkpoint is one that Kinto takes") {
  const std::string longest(300, 'x');
  for (const CollectionId& id :
       {CollectionId("main", "one"), CollectionId("a_b-c", "0_-"), CollectionId(longest, longest),
        CollectionId("b", "c\n"), CollectionId("b\n", "c"), CollectionId("9", "9")}) {
    CAPTURE(id.str());
    const std::string made = checkpoint_id(master, id);
    CAPTURE(made);
    CHECK(fit_for_kinto(made));
    CHECK(made.size() <= 64);
  }
}

TEST_CASE("the id of a checkpoint is readable, and the same in every build") {
  CHECK(checkpoint_id(master, CollectionId("main", "one")).starts_with("main--one--"));
  // Another id here would orphan every checkpoint in the field.
  CHECK(checkpoint_id(master, CollectionId("main", "one")) == "main--one--3175b07d13eb9a0c");
}

TEST_CASE("no two collections or masters share an id") {
  const std::string prefix(60, 'p');
  std::set<std::string> ids;
  std::size_t made = 0;
  for (const std::string& server :
       {master, master + "/v1", std::string("http://master.example/v1")}) {
    for (const CollectionId& id :
         {CollectionId("a", "b--c"), CollectionId("a--b", "c"), CollectionId("a", "b"),
          CollectionId(prefix, "a"), CollectionId(prefix, "b"), CollectionId(prefix + "x", "a"),
          CollectionId("a", "b\n"), CollectionId("a", "b-"), CollectionId("b", "a")}) {
      ids.insert(checkpoint_id(server, id));
      ++made;
    }
  }
  CHECK(ids.size() == made);
}

TEST_CASE("the next poll reads from the older of ETag and server clock, less the overlap") {
  struct Case {
    std::string what;
    std::int64_t etag;
    std::int64_t date;
    std::int64_t overlap;
    std::int64_t cursor;
  };
  const std::vector<Case> cases{
      {"a collection at rest", 500'000, 900'000, 60'000, 440'000},
      {"a future stamp drives the ETag ahead", 4'100'000, 500'000, 60'000, 440'000},
      {"both alike", 500'000, 500'000, 60'000, 440'000},
      {"no Date given", 500'000, 0, 60'000, 440'000},
      {"no overlap", 500'000, 900'000, 0, 500'000},
      {"never below the first stamp", 10'000, 900'000, 60'000, 0},
      {"nothing known at all", 0, 0, 60'000, 0},
      {"an ETag before all", std::numeric_limits<std::int64_t>::min(), 0, 60'000, 0},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    CHECK(next_cursor(Stamp{c.etag}, Stamp{c.date}, Millis(c.overlap)) == Stamp{c.cursor});
  }
}

}  // namespace kinto_mirror::sync
