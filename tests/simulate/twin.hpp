#pragma once
// A world in which one server has two names, and is master and replica: the daemon must refuse.

#include "random.hpp"
#include "scenario.hpp"
#include "world.hpp"

namespace kinto_mirror::simulate {

Verdict simulate_twin(const Scenario& scenario, Random& random, bool trace);

}  // namespace kinto_mirror::simulate
