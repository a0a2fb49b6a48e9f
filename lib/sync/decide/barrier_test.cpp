#include "sync/decide/barrier.hpp"

#include "sync/decide/test_state.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>

namespace kinto_mirror::sync {

namespace {

using test::now;

const CollectionId one("b", "one");
const CollectionId two("b", "two");
constexpr Millis second{1'000};

// Compared since, and equal, but for what a test changes.
struct Site {
  std::map<CollectionId, CollectionState> listed;
  std::map<std::string, BucketStanding> buckets;
  Standing standing;

  Site() {
    for (const CollectionId& id : {one, two}) {
      CollectionState& state = listed[id] = test::compared();
      state.compared_at = state.in_step_at = now + second;
    }
    buckets["b"] = {now + second, State::in_sync, "", false};
    standing.listed_at = now + second;
    standing.listed = &listed;
    standing.buckets = &buckets;
  }

  // "b/one: it is paused!": what is open, and ! where it stays.
  [[nodiscard]] std::string open(const std::string& pattern = "*/*") const {
    std::string out;
    for (const Open& left : look_at_barrier(standing, Scope({pattern}), now).open) {
      out += (out.empty() ? "" : "; ") + left.id + ": " + left.why + (left.stays ? "!" : "");
    }
    return out;
  }
};

}  // namespace

TEST_CASE("it is reached by what was compared since, whatever was said before") {
  Site site;
  CHECK(site.open() == "");
  CHECK(look_at_barrier(site.standing, Scope({"b/*"}), now).collections == 2);
  CHECK(look_at_barrier(site.standing, Scope({"b/one"}), now).collections == 1);
  site.listed[one].compared_at = now - second;
  CHECK(site.open() == "b/one: it is not compared yet");
  CHECK(site.open("b/two") == "");
  site.listed[one].compared_at.reset();
  CHECK(site.open() == "b/one: it is not compared yet");
}

TEST_CASE("what was compared and is not equal waits for the next pass") {
  Site site;
  SUBCASE("it has left something") {
    site.listed[one].unsettled = Unsettled{};
  }
  SUBCASE("the chain is broken since") {
    step(site.listed[one], ChainEvent::broke);
  }
  SUBCASE("it was in step before, and not since") {
    site.listed[one].in_step_at = now - second;
  }
  CHECK(site.open() == "b/one: it was compared, and is not equal yet");
}

TEST_CASE("what waits for an operator, or is refused, does not come by waiting") {
  Site site;
  SUBCASE("brake") {
    BrakeReport& brake = site.listed[one].brake.emplace();
    brake.would_delete = 7;
    CHECK(site.open() == "b/one: the brake holds 7 deletes; see kinto-mirror release!");
  }
  SUBCASE("pause, however well it stands") {
    site.listed[one].paused = true;
    CHECK(site.open() == "b/one: it is paused; resume it first!");
  }
  SUBCASE("quarantine") {
    Refusal refused;
    refused.id = "x";
    site.listed[one].quarantine.replace({refused}, now);
    CHECK(site.open() == "b/one: the replica refuses 1 of its records, see quarantine in /status!");
  }
  CHECK(look_at_barrier(site.standing, Scope({"*/*"}), now).never());
}

TEST_CASE("what the master was asked for since, and did not show, does not come by waiting") {
  Site site;
  CollectionState& state = site.listed[one];
  state.compared_at = now - second;
  state.hidden = true;
  state.hidden_at = now - second;
  CHECK(site.open() == "b/one: the master does not show it");
  state.hidden_at = now;
  CHECK(site.open() ==
        "b/one: the master does not show it: it does not exist there, or the master's user may not "
        "read it!");
  CHECK(site.open("b/two") == "");
  // Shown again, and compared.
  state.hidden = false;
  state.compared_at = now;
  CHECK(site.open() == "");
}

TEST_CASE("what a round since has ended by is told at once, where it needs a hand") {
  Site site;
  const Error refused(Errc::credentials, "replica http://replica.test/v1: GET /: 401");
  const Error away(Errc::unreachable, "no answer");
  site.standing.failed = &refused;
  site.standing.looked = now - second;
  CHECK(site.open() == "");
  site.standing.looked = now;
  CHECK(site.open() == ": replica http://replica.test/v1: GET /: 401!");
  // This one comes back by itself.
  site.standing.failed = &away;
  CHECK(site.open() == "");
}

TEST_CASE("containers that nothing but an operator makes equal do not come by waiting") {
  Site site;
  site.buckets["b"] = {now, State::different, "b/collections/own, only the replica has it", true};
  CHECK(site.open("b/one") ==
        "b: its containers are not the master's: b/collections/own, only the replica has it!");
}

TEST_CASE("what there is must have been listed since") {
  Site site;
  site.standing.listed_at = now - second;
  CHECK(site.open() == ": what there is was not listed since");
  site.standing.listed_at = now;
  site.standing.list_doubt = "403";
  CHECK(site.open() == ": what there is could not be listed: 403");
  site.standing.list_refused = true;
  CHECK(site.open() == ": what there is could not be listed: 403!");
  // Which needs no list.
  CHECK(site.open("b/one") == "");
}

TEST_CASE("the containers of what is meant are compared too") {
  Site site;
  site.buckets["b"].compared = now - second;
  CHECK(site.open("b/one") == "b: its containers are not compared yet");
  site.buckets["b"] = {now, State::different, "b/groups/g, only the master has it", false};
  CHECK(site.open() ==
        "b: its containers are not the master's: b/groups/g, only the master has it");
  CHECK(site.open("a/*") == "");
}

}  // namespace kinto_mirror::sync
