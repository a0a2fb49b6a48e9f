#pragma once
// Whether the servers of a configuration can be worked with: there, and each another one.

#include "base/error.hpp"
#include "daemon/config.hpp"

#include <vector>

namespace kinto_mirror::daemon {

// Whose mistake a wrong value is: usage for a flag's, else config.
Errc code_of(const Origin& origin);

// Pure.
std::vector<Error> faults_of_servers(const Config& config);

}  // namespace kinto_mirror::daemon
