#include "mutant.hpp"

namespace kinto_mirror {

namespace {

std::string_view chosen;

}  // namespace

bool mutated(std::string_view name) noexcept {
  return name == chosen;
}

namespace simulate {

void break_daemon(std::string_view name) noexcept {
  chosen = name;
}

}  // namespace simulate

}  // namespace kinto_mirror
