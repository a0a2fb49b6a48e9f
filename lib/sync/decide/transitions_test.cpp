#include "sync/decide/transitions.hpp"

#include <doctest/doctest.h>

#include <set>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

template <class State, class Event>
struct Row {
  State from;
  Event event;
  State to;
};

// Each row leads where it says, and there is one for each of `states` times `events`.
template <class State, class Event>
void check_all(const std::vector<Row<State, Event>>& rows, std::size_t states, std::size_t events) {
  std::set<std::pair<State, Event>> met;
  for (const auto& row : rows) {
    CAPTURE(static_cast<int>(row.from));
    CAPTURE(static_cast<int>(row.event));
    CHECK(static_cast<int>(next(row.from, row.event)) == static_cast<int>(row.to));
    met.emplace(row.from, row.event);
  }
  CHECK(met.size() == states * events);
}

}  // namespace

TEST_CASE("what is known of a collection changes by the table of docs/sync.md") {
  using enum Chain;
  using enum ChainEvent;
  check_all<Chain, ChainEvent>(
      {
          {uncompared, confirmed, compared},
          {uncompared, asked, broken},
          {uncompared, broke, broken},
          {uncompared, checkpoint_lost, uncompared},
          {uncompared, unproven, uncompared},
          {compared, confirmed, compared},
          {compared, asked, doubted},
          {compared, broke, broken},
          {compared, checkpoint_lost, uncompared},
          {compared, unproven, uncompared},
          {doubted, confirmed, compared},
          {doubted, asked, doubted},
          {doubted, broke, broken},
          {doubted, checkpoint_lost, broken},
          {doubted, unproven, doubted},
          {broken, confirmed, compared},
          {broken, asked, broken},
          {broken, broke, broken},
          {broken, checkpoint_lost, broken},
          {broken, unproven, broken},
      },
      4, 5);
}

TEST_CASE("only what was compared is proven, and what is in doubt comes first") {
  CHECK_FALSE(is_proven(Chain::uncompared));
  CHECK(is_proven(Chain::compared));
  CHECK(is_proven(Chain::doubted));
  CHECK_FALSE(is_proven(Chain::broken));
  CHECK_FALSE(comes_first(Chain::uncompared));
  CHECK_FALSE(comes_first(Chain::compared));
  CHECK(comes_first(Chain::doubted));
  CHECK(comes_first(Chain::broken));
}

TEST_CASE("a look into the overlap is good for one round, and the last one ends the unrest") {
  using enum Overlap;
  using enum OverlapEvent;
  check_all<Overlap, OverlapEvent>(
      {
          {at_rest, changed, restless},
          {at_rest, round_begins, at_rest},
          {at_rest, all_known, at_rest},
          {at_rest, passed, at_rest},
          {restless, changed, restless},
          {restless, round_begins, restless},
          {restless, all_known, looked_at},
          {restless, passed, at_rest},
          {looked_at, changed, restless},
          {looked_at, round_begins, restless},
          {looked_at, all_known, looked_at},
          {looked_at, passed, at_rest},
      },
      3, 4);
}

TEST_CASE("a count that came late is carried on, and an audit's has no base") {
  using enum Counted;
  using enum CountedEvent;
  check_all<Counted, CountedEvent>(
      {
          {exactly, counted, exactly},
          {exactly, audit_late, baseless},
          {exactly, poll_late, carried},
          {carried, counted, exactly},
          {carried, audit_late, baseless},
          {carried, poll_late, carried},
          {baseless, counted, exactly},
          {baseless, audit_late, baseless},
          {baseless, poll_late, baseless},
      },
      3, 3);
}

}  // namespace kinto_mirror::sync
