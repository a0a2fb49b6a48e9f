#pragma once
// A linker leaves out of a program what nobody refers to, and with it the registration of its
// cases. So each file of scenarios has an anchor, and run() refers to all of them.

namespace kinto_mirror::selftest {

void anchor_basics();
void anchor_containers();
void anchor_deletions();
void anchor_exact_mirror();
void anchor_following();
void anchor_interference();
void anchor_large();
void anchor_permissions();
void anchor_repairs();

inline void anchor_scenarios() {
  anchor_basics();
  anchor_containers();
  anchor_deletions();
  anchor_exact_mirror();
  anchor_following();
  anchor_interference();
  anchor_large();
  anchor_permissions();
  anchor_repairs();
}

}  // namespace kinto_mirror::selftest
