#pragma once
// What several forms of the manual need of the tables.

#include "daemon/command_table.hpp"
#include "daemon/settings.hpp"
#include "daemon/switches.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::daemon::manual {

// The texts between `separator`: "a, b" by ", " is a and b.
std::vector<std::string> split(std::string_view text, std::string_view separator);

std::string replace_all(std::string text, std::string_view from, std::string_view to);

// What can be completed of a setting's value: keep and delete of `--extras`; "file:" where a path
// follows. Empty where it is of another kind.
std::vector<std::string> values_of(const Setting& setting);

// Whether the value is the path of a file.
bool takes_path(std::string_view operand);

// What holds where a setting is not given: its default, or in words.
std::string without(const Setting& setting);

// The commands to which a flag belongs.
std::vector<const Command*> commands_of(const Switch& one);

// Of the commands: run, check, ..., config.
std::vector<std::string> first_words();

// Of the commands behind which a path stands.
std::vector<std::string> words_before_files();

// "show" and "check" of "config"; empty for a command of one word.
std::vector<std::string> second_words(std::string_view first);

}  // namespace kinto_mirror::daemon::manual
