#pragma once
// How many requests a scenario's daemons may make: P7, "no storms". Pure.

#include "scenario.hpp"

#include <cstdint>

namespace kinto_mirror::simulate {

// While nothing happens, for so many rounds.
std::int64_t allowed_at_rest(const Scenario& scenario, std::int64_t rounds);

// While the scenario's storm lasts, over `changes` of people (a request of many writes is one) and
// `faults` that were met.
std::int64_t allowed_in_storm(const Scenario& scenario, std::int64_t changes, std::int64_t faults);

}  // namespace kinto_mirror::simulate
