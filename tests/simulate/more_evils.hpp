#pragma once
// Evils that came later than the others: old servers, what stands before a server, stamps of
// before, other configurations. They are drawn after everything else.

#include "scenario.hpp"

#include <string>

namespace kinto_mirror::simulate {

void draw_more(Scenario& scenario, Random& random);

// In some of the calm worlds: first loads of many batches at a time, some of which fail, beside
// readers of what is loaded.
void draw_load(Scenario& scenario, Random& random);

// Daemons that come and go, while what is done to the master meanwhile moves no ETag.
void draw_restarts(Scenario& scenario, Random& random);

// The cache and the limiter, for a trace.
std::string describe_front_ends(const Scenario& scenario);

}  // namespace kinto_mirror::simulate
