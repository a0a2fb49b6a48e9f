// kinto_mirror_manual WHAT: prints one of what daemon/manual/manual.hpp makes.

#include "daemon/manual/manual.hpp"

#include <array>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>

namespace {

using namespace kinto_mirror::daemon::manual;

constexpr auto parts = std::to_array<std::pair<std::string_view, std::string (*)()>>({
    {"man", program_page},
    {"file", file_page},
    {"bash", bash_completion},
    {"zsh", zsh_completion},
    {"fish", fish_completion},
    {"table", settings_table},
    {"switches", switches_table},
    {"readme", readme_table},
    {"commands", commands_table},
});

}  // namespace

int main(int argc, char** argv) {
  const std::string_view wanted = argc == 2 ? argv[1] : "";
  for (const auto& [name, make] : parts) {
    if (name != wanted) continue;
    std::cout << make();
    return std::cout.flush() ? 0 : 1;
  }
  std::cerr << "usage: kinto_mirror_manual";
  for (const auto& [name, make] : parts) std::cerr << (name == parts[0].first ? " " : "|") << name;
  std::cerr << "\n";
  return 64;
}
