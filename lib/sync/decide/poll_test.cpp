#include "sync/decide/poll.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <utility>

namespace kinto_mirror::sync {

namespace {

// At ETag 500 the master had 200 records; what is newer than 440 is listed.
struct Polling {
  Polling() {
    state.checkpoint.emplace();
    state.checkpoint->etag = Stamp{500};
    state.checkpoint->cursor = Stamp{440};
    state.checkpoint->live = 200;
  }

  void refuse(const std::string& id, std::int64_t stamp) {
    state.quarantine.refused(refusal(id, stamp), Instant{});
  }

  static Refusal refusal(const std::string& id, std::int64_t stamp) {
    Refusal out;
    out.id = id;
    out.stamp = Stamp{stamp};
    return out;
  }

  static kinto::Entry entry(const std::string& id, std::int64_t stamp, bool deleted = false) {
    kinto::Entry out;
    out.id = id;
    out.stamp = Stamp{stamp};
    out.deleted = deleted;
    return out;
  }

  static kinto::Count count(std::int64_t live, std::int64_t etag) {
    kinto::Count out;
    out.live = live;
    out.etag = Stamp{etag};
    return out;
  }

  CollectionState state;
};

const Stamp etag{600};

}  // namespace

TEST_CASE("what was brought or refused is known, at this very version") {
  Polling with;
  with.state.remembered.add(Change{"a", Stamp{450}, false});
  with.refuse("b", 460);
  Poll poll(with.state);
  CHECK(poll.list(Polling::entry("a", 450)));
  CHECK_FALSE(poll.list(Polling::entry("a", 450, true)));
  CHECK_FALSE(poll.list(Polling::entry("a", 451)));
  CHECK(poll.list(Polling::entry("b", 460)));
  CHECK_FALSE(poll.list(Polling::entry("b", 461)));
}

TEST_CASE("a master of which nothing old is seen may have been flushed") {
  struct Case {
    const char* what;
    std::optional<kinto::Entry> listed;
    std::optional<Known> on_replica;  // of a record at 600
    Stamp etag;
    bool may_be;
  };
  const Case cases[] = {
      {"nothing was listed", std::nullopt, std::nullopt, etag, true},
      {"a new record", Polling::entry("a", 600), std::nullopt, etag, true},
      {"a record of before", Polling::entry("a", 500), std::nullopt, etag, false},
      {"a tombstone of before", Polling::entry("a", 500, true), std::nullopt, etag, true},
      {"a record that the replica had", std::nullopt, Known{Stamp{500}, false}, etag, false},
      {"one that it got since", std::nullopt, Known{Stamp{501}, false}, etag, true},
      {"one that it had deleted", std::nullopt, Known{Stamp{500}, true}, etag, true},
      {"the ETag did not move", std::nullopt, std::nullopt, Stamp{500}, false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    Polling with;
    Poll poll(with.state);
    if (c.listed) poll.list(*c.listed);
    if (c.on_replica) poll.look_up(Change{"a", Stamp{600}, false}, c.on_replica, Stamp{540});
    CHECK(poll.may_be_flushed(c.etag) == c.may_be);
  }
}

TEST_CASE("a master that deleted all that it had was not flushed") {
  Polling with;
  with.state.checkpoint->live = 2;
  Poll poll(with.state);
  poll.list(Polling::entry("a", 510, true));
  CHECK(poll.may_be_flushed(etag));
  poll.list(Polling::entry("b", 520, true));
  CHECK_FALSE(poll.may_be_flushed(etag));
}

TEST_CASE("a first checkpoint has nothing that could be flushed") {
  Polling with;
  with.state.checkpoint->etag = Stamp{};
  CHECK_FALSE(Poll(with.state).may_be_flushed(etag));
}

TEST_CASE("a quarantined record that is written again is one of before") {
  Polling with;
  with.refuse("a", 460);
  Poll poll(with.state);
  poll.look_up(Change{"a", Stamp{600}, true}, std::nullopt, Stamp{540});
  CHECK(poll.may_be_flushed(etag));
  poll.look_up(Change{"a", Stamp{600}, false}, std::nullopt, Stamp{540});
  CHECK_FALSE(poll.may_be_flushed(etag));
}

TEST_CASE("the round's count is good for a list of its ETag that has nothing newer") {
  struct Case {
    const char* what;
    std::optional<std::int64_t> probed;
    std::int64_t newest;
    bool counted;
  };
  const Case cases[] = {
      {"of the same ETag", 600, 600, true},
      {"of another one", 599, 600, false},
      {"not asked", std::nullopt, 600, false},
      {"something newer was listed", 600, 601, false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    Polling with;
    if (c.probed) with.state.probed = Polling::count(201, *c.probed);
    Poll poll(with.state);
    poll.list(Polling::entry("a", c.newest));
    CHECK(poll.is_counted(etag) == c.counted);
  }
}

TEST_CASE("a count of the list's ETag is taken, and held against what was listed") {
  struct Case {
    const char* what;
    std::optional<kinto::Count> count;
    Counted before;
    bool counted;
    bool broken;
  };
  const Case cases[] = {
      {"one record more", Polling::count(201, 600), Counted::exactly, true, false},
      {"two more, and one was listed", Polling::count(202, 600), Counted::exactly, true, true},
      {"fewer, and no tombstone was listed", Polling::count(199, 600), Counted::exactly, true,
       true},
      {"no answer", std::nullopt, Counted::exactly, false, false},
      {"of another ETag", Polling::count(900, 601), Counted::exactly, false, false},
      {"what was carried on explains it", Polling::count(204, 600), Counted::carried, true, false},
      {"and no more than that", Polling::count(205, 600), Counted::carried, true, true},
      {"nothing to hold it against", Polling::count(900, 600), Counted::baseless, true, false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    Polling with;
    with.state.counted = c.before;
    if (c.before == Counted::carried) with.state.live_since = 3;
    Poll poll(with.state);
    poll.list(Polling::entry("a", 600));
    FollowResult result;
    poll.take_count(etag, c.count, result);
    CHECK(result.counted == c.counted);
    CHECK(result.live == (c.counted ? c.count->live : 200));
    CHECK(result.live_changes == 1);
    CHECK(result.deleted_changes == 0);
    CHECK(poll.broken_at(etag).has_value() == c.broken);
  }
}

TEST_CASE(
    "a tombstone with other members may be a live record, and explains one more or one less") {
  for (const bool other : {false, true}) {
    CAPTURE(other);
    Polling with;
    Poll poll(with.state);
    kinto::Entry entry = Polling::entry("a", 600, true);
    entry.has_other_members = other;
    poll.list(entry);
    FollowResult result;
    poll.take_count(etag, std::nullopt, result);
    CHECK(result.live_changes == (other ? 1 : 0));
    CHECK(result.deleted_changes == 1);
  }
}

TEST_CASE("the newest change of the last look is listed again, or the chain is broken") {
  struct Case {
    const char* what;
    Newest newest;
    const char* listed;
    bool broken;
  };
  const Case cases[] = {
      {"it is there", {"a", Stamp{490}}, "a", false},
      {"it is not", {"a", Stamp{490}}, "b", true},
      {"it lies below the cursor, and is not listed", {"a", Stamp{440}}, "b", false},
      {"there was none", {}, "b", false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    Polling with;
    with.state.newest = c.newest;
    Poll poll(with.state);
    poll.list(Polling::entry(c.listed, 600));
    CHECK(poll.broken_at(etag).has_value() == c.broken);
  }
}

TEST_CASE("an ETag that moved is accounted for by a change that is listed") {
  Polling with;
  Poll poll(with.state);
  poll.list(Polling::entry("a", 599));
  CHECK(poll.broken_at(etag));
  poll.list(Polling::entry("b", 600));
  CHECK_FALSE(poll.broken_at(etag));
  CHECK(poll.broken_at(Stamp{499}) == "the master's ETag went back");
}

TEST_CASE("what the next poll lists again is remembered, and the rest forgotten") {
  Polling with;
  with.state.remembered.add(Change{"old", Stamp{540}, false});
  with.state.remembered.add(Change{"kept", Stamp{541}, false});
  Poll poll(with.state);
  poll.list(Polling::entry("a", 550));
  poll.look_up(Change{"a", Stamp{550}, false}, std::nullopt, Stamp{540});
  poll.look_up(Change{"below", Stamp{540}, false}, std::nullopt, Stamp{540});
  poll.settle(Stamp{540});
  CHECK(with.state.remembered.holds("a", Known{Stamp{550}, false}));
  CHECK(with.state.remembered.holds("kept", Known{Stamp{541}, false}));
  CHECK(with.state.remembered.size() == 2);
  CHECK(with.state.newest.id == "a");
}

TEST_CASE("a poll that lists nothing leaves the newest change as it was") {
  Polling with;
  with.state.newest = Newest{"a", Stamp{490}};
  Poll poll(with.state);
  poll.settle(Stamp{440});
  CHECK(with.state.newest.id == "a");
}

TEST_CASE(
    "a record leaves the quarantine when it is settled, and waits when it was refused again") {
  Polling with;
  with.refuse("taken", 300);
  with.refuse("refused", 310);
  with.refuse("waits", 320);
  Poll poll(with.state);
  // Below the cursor, since only their time in quarantine has brought them up.
  poll.look_up(Change{"taken", Stamp{300}, false}, std::nullopt, Stamp{540});
  poll.look_up(Change{"refused", Stamp{310}, false}, std::nullopt, Stamp{540});
  poll.set_aside({Polling::refusal("refused", 310)}, Instant{});
  CHECK(poll.waiting() == 2);  // all but the one that this pass names
  poll.settle(Stamp{540});
  CHECK_FALSE(with.state.quarantine.holds("taken"));
  CHECK(with.state.quarantine.holds("refused"));
  CHECK(with.state.quarantine.holds("waits"));
  CHECK(poll.waiting() == 1);
}

}  // namespace kinto_mirror::sync
