#pragma once
// Worlds in which the containers themselves are written, opened, closed and deleted.

#include "scenario.hpp"

namespace kinto_mirror::simulate {

void draw_containers(Scenario& scenario, Random& random);

// One phrase for a trace, empty where there is none of it.
std::string describe_containers(const Scenario& scenario);

}  // namespace kinto_mirror::simulate
