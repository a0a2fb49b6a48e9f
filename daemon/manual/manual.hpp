#pragma once
// What is made from the tables of settings, switches and commands, beside --help: manual pages,
// completions, and the tables of the documentation.

#include <string>

namespace kinto_mirror::daemon::manual {

std::string program_page();  // kinto-mirror.1
std::string file_page();     // kinto-mirror.toml.5

std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

std::string settings_table();  // Markdown: all settings, as in docs/configuration.md
std::string switches_table();  // the flags of single commands, as there
std::string readme_table();    // the settings that matter most, as in README.md
std::string commands_table();  // as in docs/operations.md

}  // namespace kinto_mirror::daemon::manual
