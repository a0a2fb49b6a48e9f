#include "base/require.hpp"

#include <cstdio>
#include <cstdlib>

namespace kinto_mirror {

void requirement_broken(const char* what, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: a requirement is broken: %s\n", file, line, what);
  std::abort();
}

}  // namespace kinto_mirror
