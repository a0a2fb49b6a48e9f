// The tables of the documentation, as Markdown.

#include "daemon/manual/manual.hpp"
#include "daemon/manual/pieces.hpp"

#include <algorithm>
#include <array>

namespace kinto_mirror::daemon::manual {

namespace {

// Those of which the README tells; in the order of the table of settings.
constexpr auto most = std::to_array<std::string_view>({
    "sync.collections",
    "sync.shard",
    "sync.interval",
    "sync.active_interval",
    "sync.overlap",
    "sync.parallel",
    "sync.extras",
    "sync.max_delete",
    "sync.permissions",
    "sync.readers",
    "status.listen",
    "control.path",
});

// A '|' would end the cell.
std::string cell(std::string_view text) {
  return replace_all(std::string(text), "|", "\\|");
}

std::string code(std::string_view text) {
  return text.empty() ? "" : "`" + cell(text) + "`";
}

std::string row(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& one : cells) line += (one.empty() ? " |" : " " + one + " |");
  return line + "\n";
}

// As the page's headings have it: "master-auth" for --master-auth.
std::string anchor(const Setting& setting) {
  return setting.flag.empty() ? std::string(setting.key) : std::string(setting.flag.substr(2));
}

std::string in_file(const Setting& setting, const std::string& key) {
  if (setting.table.empty()) return "";
  if (setting.shape == Shape::table) return "[" + setting.path() + "]";
  const std::string table(setting.table);
  return (table == "replica" ? "[[replica]] " : "[" + table + "] ") + key;
}

std::string fallback(const Setting& setting) {
  if (setting.shape == Shape::table) return "empty";
  const std::string text = without(setting);
  const bool literal = !setting.fallback.empty() || setting.key == "name";
  return literal ? code(text) : text;
}

std::string named(const Setting& setting) {
  const std::string operand(setting.operand);
  return std::string(setting.flag) + (operand.empty() ? "" : " " + operand);
}

}  // namespace

std::string settings_table() {
  std::string text = row({"flag", "environment", "in the file", "default"}) + "|---|---|---|---|\n";
  for (const Setting& setting : settings()) {
    const std::string link = "](#" + anchor(setting) + ")";
    const std::string file = code(in_file(setting, std::string(setting.key)));
    const bool in_file_only = setting.flag.empty();
    text += row({in_file_only ? "" : "[" + code(setting.flag) + link, code(setting.env),
                 in_file_only ? "[" + file + link : file, fallback(setting)});
    if (!setting.secret) continue;
    text += row({"", code(setting.file_env()), code(in_file(setting, setting.file_key())),
                 fallback(setting)});
  }
  return text;
}

std::string switches_table() {
  std::string text = row({"flag", "command", "meaning"}) + "|---|---|---|\n";
  for (const Switch& one : switches()) {
    std::string home;
    for (const std::string& part : split(one.home, ", ")) {
      home += (home.empty() ? "" : ", ") + cell(part);
    }
    const std::size_t colon = one.help.find(": ");
    const std::string_view help =
        colon == std::string_view::npos ? one.help : one.help.substr(colon + 2);
    const std::string operand = one.operand.empty() ? "" : " " + std::string(one.operand);
    text += row({code(std::string(one.flag) + operand), home, cell(help)});
  }
  return text + row({"`--help`, `-h`", "", "all of this, or behind a command what that does"}) +
         row({"`--version`", "", "the version; with `--json`: commit, compiler and libraries too"});
}

std::string readme_table() {
  std::string text = row({"flag", "default", "meaning"}) + "|---|---|---|\n";
  for (const Setting& setting : settings()) {
    if (std::ranges::find(most, setting.path()) == most.end()) continue;
    text += row({code(named(setting)), fallback(setting), cell(setting.help)});
  }
  return text;
}

std::string commands_table() {
  std::string text = row({"command", "what it does"}) + "|---|---|\n";
  for (const Command& one : commands()) {
    const std::string operand = one.operand.empty() ? "" : " " + std::string(one.operand);
    text += row({code(std::string(one.words) + operand), cell(one.help)});
  }
  return text;
}

}  // namespace kinto_mirror::daemon::manual
