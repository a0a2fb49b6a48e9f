#include "mutant.hpp"

#include "base/require.hpp"

#include <stdexcept>
#include <string>

namespace kinto_mirror {

namespace {

std::string_view chosen;

}  // namespace

bool mutated(std::string_view name) noexcept {
  return name == chosen;
}

// In the place of the library's: a world tells what it was, and the next one goes on.
void requirement_broken(const char* what, const char* file, int line) {
  throw std::logic_error(std::string(file) + ":" + std::to_string(line) + ": " + what);
}

namespace simulate {

void break_daemon(std::string_view name) noexcept {
  chosen = name;
}

}  // namespace simulate

}  // namespace kinto_mirror
