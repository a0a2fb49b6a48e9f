#pragma once
// The one table of commands, and of the exit codes that they share. The command line, --help, the
// manual and the completions read it.

#include "daemon/config.hpp"
#include "daemon/exit_code.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::daemon {

struct Command {
  std::string_view words;    // "config show"
  std::string_view operand;  // what --help calls the word behind it; empty: takes none
  Verb verb;
  std::string_view help;   // one sentence, for the list of all
  std::string_view about;  // for the help of this command alone; its paragraphs end with '\n'
};

// In the order of --help.
std::span<const Command> commands();

// Nothing where no command is called so: "config show".
const Command* find_command(std::string_view words);

struct ExitMeaning {
  ExitCode code;
  std::string_view text;
};

std::span<const ExitMeaning> exit_meanings();

// `text` in lines of at most `width` columns, each after the first behind `indent` blanks, and a
// line break at the end. Words longer than a line stand alone. `column`: where the first one
// begins.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent,
                    std::size_t column);

}  // namespace kinto_mirror::daemon
