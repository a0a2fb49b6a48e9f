#include "daemon/help.hpp"

#include "daemon/examples.hpp"
#include "daemon/settings.hpp"
#include "daemon/switches.hpp"

#include <algorithm>

namespace kinto_mirror::daemon {

namespace {

constexpr std::size_t width = 100;
constexpr std::size_t text_column = 32;
constexpr std::size_t command_column = 18;

constexpr std::string_view intro =
    R"(kinto-mirror keeps read-only Kinto servers a faithful copy of a master Kinto.

Usage: kinto-mirror [COMMAND] [FLAGS]        (flags may stand before or after the command)

Commands, each with a --help of its own:
)";

constexpr std::string_view outro =
    R"(
A flag goes before its environment variable, that before the configuration file, and that before
the default. An empty variable counts as unset. NAME_FILE, for the variables that hold credentials,
names a file to read them from. Of --max-delete, a share above 0% lets 10 records pass at least;
where the master is empty, or has nothing left of what it had, only 100% lets any.
In the file alone: [[replica]] name, and [sync.principals], the principals of the master under
other names on the replica. Where no --config is given, /etc/kinto-mirror/kinto-mirror.toml is
read, if it exists.
Credentials of one replica of several: KINTO_MIRROR_REPLICA_<NAME>_AUTH or ..._AUTH_FILE, with its
name in upper case and _ for all that is neither letter nor digit. Those that systemd hands over,
$CREDENTIALS_DIRECTORY/auth_master and auth_<NAME>, count where no others are given.
Where no --control is given, the socket is $RUNTIME_DIRECTORY/control.sock (systemd's), else
$XDG_RUNTIME_DIR/kinto-mirror.sock, else there is none. A GLOB is one over bucket/collection, */*
where none is given: quote it.
Durations are whole numbers with units: 250ms, 5s, 1m30s, 1h.
)";

std::string with_operand(std::string_view name, std::string_view operand) {
  return std::string(name) + (operand.empty() ? "" : " " + std::string(operand));
}

std::string entry(const std::string& left, std::string_view help, std::size_t column) {
  std::string line = "  " + left;
  if (line.size() + 2 > column)
    line += "\n" + std::string(column, ' ');
  else
    line.resize(column, ' ');
  return line + wrapped(help, width, column, column);
}

std::string origins(const Setting& setting) {
  std::string text = std::string(text_column, ' ') + "[" + std::string(setting.env);
  if (setting.secret) text += ", ..._FILE";
  if (!setting.fallback.empty()) text += "; default " + std::string(setting.fallback);
  return text + "]\n";
}

std::string exit_codes() {
  std::string text = "Exit codes:\n";
  for (const ExitMeaning& one : exit_meanings()) {
    std::string line = "  " + std::to_string(to_int(one.code));
    line.resize(6, ' ');
    text += line + wrapped(one.text, width, 6, 6);
  }
  return text;
}

// "machine-readable, on stdout" of "all that report: machine-readable, on stdout"
std::string_view without_home(std::string_view help) {
  const std::size_t colon = help.find(": ");
  return colon == std::string_view::npos ? help : help.substr(colon + 2);
}

// A line that is too long for the width goes on behind a backslash.
std::string examples_of(const Command& command) {
  std::string text;
  for (const Example& one : examples()) {
    if (one.verb != command.verb) continue;
    text += "\n  " + std::string(one.what) + ":\n    ";
    std::string line = wrapped(one.line, width - 2, 6, 4);
    line.pop_back();
    for (std::size_t at = line.find('\n'); at != std::string::npos; at = line.find('\n', at + 3)) {
      line.insert(at, " \\");
    }
    text += line + "\n";
  }
  return text.empty() ? "" : "\nFor example:\n" + text;
}

}  // namespace

bool belongs(const Switch& one, const Command& command) {
  const auto as = [&](bool once) {
    Config config;
    config.verb = command.verb;
    config.once = once;
    return one.belongs(config);
  };
  return as(false) || as(true);
}

std::string help_text() {
  std::string text(intro);
  for (const Command& one : commands()) {
    text += entry(with_operand(one.words, one.operand), one.help, command_column);
  }
  text += "\nCommand flags:\n";
  for (const Switch& one : switches()) {
    text += entry(with_operand(one.flag, one.operand), one.help, text_column);
  }
  text += entry("--help, -h", "this text, or behind a command what that does", text_column);
  text += entry("--version", "the version; with --json: commit, compiler and libraries too",
                text_column);
  text += "\nSettings, each with its environment variable:\n";
  for (const Setting& setting : settings()) {
    if (setting.flag.empty()) continue;
    text += entry(with_operand(setting.flag, setting.operand), setting.help, text_column) +
            origins(setting);
  }
  return text + std::string(outro) + "\n" + exit_codes() +
         "\nReports go to stdout, the log to stderr.\n";
}

std::string help_text(const Command& command) {
  std::string text =
      "Usage: kinto-mirror " + with_operand(command.words, command.operand) + " [FLAGS]\n";
  std::string_view about = command.about;
  while (!about.empty()) {
    const std::string_view paragraph = about.substr(0, about.find('\n'));
    about.remove_prefix(paragraph.size() + 1);
    text += "\n" + wrapped(paragraph, width, 0, 0);
  }
  std::string flags;
  for (const Switch& one : switches()) {
    if (!belongs(one, command)) continue;
    flags += entry(with_operand(one.flag, one.operand), without_home(one.help), text_column);
  }
  if (!flags.empty()) text += "\nIts flags:\n" + flags;
  text += examples_of(command);
  return text +
         "\nThe settings count too, as flags, variables or lines of the file: see kinto-mirror "
         "--help.\n";
}

}  // namespace kinto_mirror::daemon
