#pragma once
// Which branches of the engine's answer classifier the simulated worlds have reached.

#include <cstdint>
#include <string>
#include <vector>

namespace kinto_mirror::simulate {

struct Branch {
  std::string name;
  std::int64_t taken = 0;
};

// All there are, in all worlds of this process.
std::vector<Branch> classifier_branches();

}  // namespace kinto_mirror::simulate
