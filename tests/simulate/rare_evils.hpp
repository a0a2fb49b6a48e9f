#pragma once
// What chance alone brings about too seldom: the very situations in which some mistakes show.

#include "random.hpp"
#include "scenario.hpp"

#include <string>

namespace kinto_mirror::simulate {

void draw_rare(Scenario& scenario, Random& random);

// Of worlds with two daemons some have them share the work.
void draw_shards(Scenario& scenario, Random& random);

std::string describe_rare(const Scenario& scenario);

}  // namespace kinto_mirror::simulate
