#pragma once
// How many requests a scenario's daemons may make: P7, "no storms". Pure.

#include "scenario.hpp"

#include <cstdint>

namespace kinto_mirror::simulate {

// While nothing happens, for so many rounds. `objects`: that a collection holds at most, tombstones
// among them; more than the scenario would have, where one that was made anew on PostgreSQL meets
// what its deletion left of the former ones (hazard 24).
std::int64_t allowed_at_rest(const Scenario& scenario, std::int64_t rounds, std::int64_t objects);

// What has happened in a storm.
struct Events {
  std::int64_t changes = 0;           // of people; a request of many writes is one
  std::int64_t faults = 0;            // that were met
  std::int64_t starts = 0;            // of daemons
  std::int64_t container_writes = 0;  // of people
  std::int64_t objects = 0;           // as above
};

// While the scenario's storm lasts.
std::int64_t allowed_in_storm(const Scenario& scenario, const Events& events);

// While a limiter is there, that has seen so many daemons start.
std::int64_t allowed_by_limiter(const LimiterOptions& limiter, std::int64_t starts);

}  // namespace kinto_mirror::simulate
