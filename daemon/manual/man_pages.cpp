// The manual pages, in the man macros of roff.

#include "daemon/examples.hpp"
#include "daemon/load.hpp"
#include "daemon/manual/manual.hpp"
#include "daemon/manual/pieces.hpp"
#include "daemon/version.hpp"

#include <array>
#include <utility>

namespace kinto_mirror::daemon::manual {

namespace {

using Pair = std::pair<std::string_view, std::string_view>;

constexpr auto variables = std::to_array<Pair>({
    {"KINTO_MIRROR_REPLICA_<NAME>_AUTH, KINTO_MIRROR_REPLICA_<NAME>_AUTH_FILE",
     "Credentials of the [[replica]] of that name, or the path of a file that holds them: in upper "
     "case, with _ for all that is neither letter nor digit."},
    {"CREDENTIALS_DIRECTORY",
     "systemd's: auth_master and auth_<NAME> in it are the credentials of servers for which "
     "nothing "
     "else gives any."},
    {"RUNTIME_DIRECTORY, XDG_RUNTIME_DIR",
     "Where the socket for orders is, unless --control says it: control.sock in the first, or "
     "kinto-mirror.sock in the second."},
    {"SSL_CERT_FILE", "Certificates to trust instead of the system's (OpenSSL)."},
    {"NO_COLOR", "No colours in the log on a terminal."},
});

constexpr auto signals = std::to_array<Pair>({
    {"SIGTERM, SIGINT",
     "Finish what is in flight, for at most 7 seconds, and end. Once more: end at once."},
    {"SIGHUP", "As the command reload."},
    {"SIGUSR1", "Compare everything anew, at once or after the round under way."},
});

// Text that roff prints as it is.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '\'') {
      out += "\\(aq";
    } else {
      out += c;
    }
  }
  return out.starts_with('.') ? "\\&" + out : out;
}

std::string bold(std::string_view text) {
  return "\\fB" + plain(text) + "\\fR";
}

std::string head(std::string_view page, int section) {
  const std::string kind = section == 1 ? "User Commands" : "File Formats";
  return ".TH " + std::string(page) + " " + std::to_string(section) + " \"\" \"kinto\\-mirror " +
         program_version() + "\" \"" + kind + "\"\n";
}

std::string section(std::string_view title) {
  return ".SH " + std::string(title) + "\n";
}

std::string entry(const std::string& name, const std::string& text) {
  return ".TP\n" + name + "\n" + text + "\n";
}

std::string with_operand(std::string_view name, std::string_view operand) {
  return bold(name) + (operand.empty() ? "" : " \\fI" + plain(operand) + "\\fR");
}

std::string sentence(std::string_view text) {
  std::string out(text);
  if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') {
    out[0] = static_cast<char>(out[0] - 'a' + 'A');
  }
  return plain(out) + ".";
}

std::string about(const Command& command) {
  std::string text;
  for (const std::string& paragraph : split(command.about, "\n")) {
    if (paragraph.empty()) continue;
    text += (text.empty() ? "" : "\n.IP\n") + plain(paragraph);
  }
  return text;
}

std::string variable_of(const Setting& setting) {
  std::string text = "Environment: " + bold(setting.env);
  if (setting.secret) text += " or " + bold(setting.file_env());
  if (!setting.table.empty()) {
    text += "; in the file: " +
            bold("[" + std::string(setting.table) + "] " + std::string(setting.key));
  }
  return text + ". Default: " + plain(without(setting)) + ".";
}

template <class Pairs>
std::string entries(const Pairs& pairs) {
  std::string text;
  for (const auto& [name, meaning] : pairs) text += entry(bold(name), plain(meaning));
  return text;
}

}  // namespace

std::string program_page() {
  std::string text = head("KINTO\\-MIRROR", 1) + section("NAME") +
                     "kinto\\-mirror \\- keep Kinto servers a faithful copy of a master Kinto\n" +
                     section("SYNOPSIS") + bold("kinto-mirror") +
                     " [\\fICOMMAND\\fR] [\\fIFLAGS\\fR]\n" + section("DESCRIPTION") +
                     "One daemon that speaks Kinto\\(aqs public HTTP API: nothing is installed on "
                     "either server. Records arrive with the master\\(aqs ids, bodies and stamps, "
                     "deletes follow its tombstones, and doubt deletes nothing.\n.PP\n"
                     "Reports go to stdout, the log to stderr. Flags may stand before or after the "
                     "command, as \\-\\-flag value or \\-\\-flag=value.\n" +
                     section("COMMANDS");
  for (const Command& one : commands()) {
    text += entry(with_operand(one.words, one.operand), about(one));
  }
  text += section("FLAGS OF SINGLE COMMANDS");
  for (const Switch& one : switches()) {
    text += entry(with_operand(one.flag, one.operand), sentence(one.help));
  }
  text += entry(bold("--help"), plain("All of this, or behind a command what that does."));
  text += entry(bold("--version"),
                plain("The version; with --json: commit, compiler and libraries too."));
  text += section("SETTINGS") +
          plain(
              "A flag goes before its variable, that before the file, and that before the "
              "default. An empty variable counts as unset.") +
          "\n";
  for (const Setting& setting : settings()) {
    if (setting.flag.empty()) continue;
    text += entry(with_operand(setting.flag, setting.operand),
                  sentence(setting.help) + "\n.br\n" + variable_of(setting));
  }
  text += section("ENVIRONMENT") + plain("Besides the variables of the settings:") + "\n" +
          entries(variables) + section("SIGNALS") + entries(signals) + section("EXIT STATUS");
  for (const ExitMeaning& one : exit_meanings()) {
    text += entry(bold(std::to_string(to_int(one.code))), sentence(one.text));
  }
  text += section("FILES") +
          entry(bold(default_config_file), plain("Read where no --config is given, if it exists."));
  text += section("EXAMPLES");
  for (const Example& one : examples()) {
    text += ".PP\n" + plain(one.what) + ":\n.PP\n.RS 4\n" + plain(one.line) + "\n.RE\n";
  }
  return text + section("SEE ALSO") + bold("kinto-mirror.toml") + "(5)\n";
}

std::string file_page() {
  std::string text =
      head("KINTO\\-MIRROR.TOML", 5) + section("NAME") +
      "kinto\\-mirror.toml \\- the configuration of kinto\\-mirror\n" + section("DESCRIPTION") +
      plain(
          "A TOML file of at most 1 MiB, with a table [[replica]] for each Kinto that becomes a "
          "copy. Values are strings, or where they are numbers whole ones; unknown keys are "
          "errors. Durations are whole numbers with "
          "units: 250ms, 5s, 1m30s, 1h. Paths are relative to the folder in which the daemon is "
          "started.") +
      "\n";
  std::string_view table;
  for (const Setting& setting : settings()) {
    if (setting.table.empty()) continue;
    if (setting.table != table) {
      table = setting.table;
      text += section(table == "replica" ? "[[replica]]" : "[" + std::string(table) + "]");
    }
    std::string meaning = sentence(setting.help) + "\n.br\nAccepted: " + plain(setting.accepts) +
                          ". Default: " + plain(without(setting)) + ".";
    if (!setting.env.empty()) meaning += " Environment: " + bold(setting.env) + ".";
    text += entry(with_operand(setting.key, setting.operand), meaning);
    if (!setting.secret) continue;
    text +=
        entry(with_operand(setting.file_key(), "FILE"),
              plain("A file that holds the same, instead of " + std::string(setting.key) + ".") +
                  " Environment: " + bold(setting.file_env()) + ".");
  }
  return text + section("FILES") + bold(default_config_file) + "\n" + section("SEE ALSO") +
         bold("kinto-mirror") + "(1)\n";
}

}  // namespace kinto_mirror::daemon::manual
