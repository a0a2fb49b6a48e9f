#include "daemon/manual/pieces.hpp"

#include "daemon/help.hpp"
#include "daemon/load.hpp"

#include <algorithm>

namespace kinto_mirror::daemon::manual {

namespace {

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

}  // namespace

std::vector<std::string> split(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + separator.size());
  }
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::vector<std::string> values_of(const Setting& setting) {
  std::vector<std::string> values;
  for (const std::string& part : split(setting.accepts, ", ")) {
    if (part.empty() || !is_lower(part.front()) || part.find(' ') != std::string::npos) return {};
    // "file:PATH": what a path follows.
    values.push_back(part.substr(0, part.find("PATH")));
  }
  return values;
}

bool takes_path(std::string_view operand) {
  return operand == "FILE" || operand.starts_with("PATH");
}

std::string without(const Setting& setting) {
  if (!setting.fallback.empty()) return std::string(setting.fallback);
  const std::string path = setting.path();
  if (path == "config") return std::string(default_config_file) + ", where it exists";
  if (setting.key == "url" && setting.table != "notify") return "required";
  if (setting.key == "ca_file") return "the system's";
  if (setting.key == "name") return "replica";
  if (path == "sync.groups") return "follow, unless permissions is keep";
  if (path == "log.format") return "text on a terminal, else json";
  if (path == "control.path") return "in $RUNTIME_DIRECTORY, else in $XDG_RUNTIME_DIR";
  return "none";
}

std::vector<const Command*> commands_of(const Switch& one) {
  std::vector<const Command*> found;
  for (const Command& command : commands()) {
    if (belongs(one, command)) found.push_back(&command);
  }
  return found;
}

std::vector<std::string> first_words() {
  std::vector<std::string> words;
  for (const Command& command : commands()) {
    std::string first = split(command.words, " ").front();
    if (std::ranges::find(words, first) == words.end()) words.push_back(std::move(first));
  }
  return words;
}

std::vector<std::string> words_before_files() {
  std::vector<std::string> words;
  for (const Command& command : commands()) {
    if (takes_path(command.operand)) words.emplace_back(command.words);
  }
  return words;
}

std::vector<std::string> second_words(std::string_view first) {
  std::vector<std::string> words;
  for (const Command& command : commands()) {
    const std::vector<std::string> both = split(command.words, " ");
    if (both.size() == 2 && both.front() == first) words.push_back(both.back());
  }
  return words;
}

}  // namespace kinto_mirror::daemon::manual
