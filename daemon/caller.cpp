#include "daemon/caller.hpp"

#include "daemon/settings.hpp"
#include "daemon/text.hpp"

#include <algorithm>
#include <array>

namespace kinto_mirror::daemon {

namespace {

// The command says them itself, or they do not matter to it.
constexpr std::array<std::string_view, 10> left_out{
    "--collections", "--extras", "--max-delete", "--interval",   "--active-interval",
    "--overlap",     "--listen", "--log-level",  "--log-format", "--status-token-file"};

std::string given_flags(const Config& config) {
  std::string flags;
  for (const Setting& setting : settings()) {
    if (setting.flag.empty() || std::ranges::count(left_out, setting.flag) > 0) continue;
    const bool of_replica = setting.table == "replica";
    const auto shown = config.shown.find(of_replica ? replica_key(0, setting.key) : setting.path());
    if (shown == config.shown.end()) continue;
    // A user in the URL counts as given by the flag of the URL, and is not shown with it.
    const Origin& origin = shown->second.origin;
    if (origin.kind != Origin::Kind::flag) continue;
    flags += " " + std::string(setting.flag) + " " + shell_word(printable(shown->second.text));
  }
  return flags;
}

}  // namespace

std::string_view Caller::from() const noexcept {
  return source == Source::file ? "the file" : "the master";
}

Caller caller_of(const Config& config) {
  Caller caller;
  caller.flags = given_flags(config);
  caller.follows = config.verb == Verb::run && !config.once;
  if (config.verb != Verb::restore) return caller;
  caller.command = "restore " + shell_word(printable(config.dump_file));
  caller.source = Caller::Source::file;
  return caller;
}

std::string shell_word(std::string_view text) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:@%+,=";
  if (!text.empty() && text.find_first_not_of(plain) == std::string_view::npos) {
    return std::string(text);
  }
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace kinto_mirror::daemon
