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

// While a limiter is there, that has seen so many daemons start.
std::int64_t allowed_by_limiter(const LimiterOptions& limiter, std::int64_t starts);

}  // namespace kinto_mirror::simulate
