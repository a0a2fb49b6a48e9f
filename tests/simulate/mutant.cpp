#include "mutant.hpp"

#include "base/require.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace kinto_mirror {

namespace {

std::string_view chosen;
thread_local std::uint64_t seed_here = 0;

}  // namespace

bool mutated(std::string_view name) noexcept {
  return name == chosen;
}

// In the place of the library's, to name the world as well.
void requirement_broken(const char* what, const char* file, int line) {
  std::fprintf(stderr,
               "%s:%d: a requirement is broken: %s\n  replay: simulate --seeds %s --trace\n", file,
               line, what, std::to_string(seed_here).c_str());
  std::abort();
}

namespace simulate {

void begins(std::uint64_t seed) noexcept {
  seed_here = seed;
}

void break_daemon(std::string_view name) noexcept {
  chosen = name;
}

}  // namespace simulate

}  // namespace kinto_mirror
