#include "daemon/brake_advice.hpp"

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

// What was given begins so where the deletes are those of a file that was restored.
constexpr std::string_view restores = " restore ";

// For a POSIX shell.
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

}  // namespace

std::string given_flags(const Config& config) {
  std::string flags;
  if (config.verb == Verb::restore) {
    flags = std::string(restores) + shell_word(printable(config.dump_file));
  }
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

std::string release_command(std::string_view collection, std::string_view max_delete,
                            std::string_view given) {
  std::string command = "kinto-mirror";
  if (!given.starts_with(restores)) command += " run --once";
  command += " --collections " + shell_word(collection);
  command += " --extras delete --max-delete ";
  command += max_delete;
  return command += given;
}

std::string max_delete_for(const sync::BrakeReport& brake) {
  return brake.master_lost ? "100%" : std::to_string(brake.would_delete);
}

std::string allowed_text(std::int64_t allowed, bool master_lost) {
  if (master_lost) {
    return "none is allowed, since the master is empty or has nothing left of what it had";
  }
  return std::to_string(allowed) + " are allowed";
}

}  // namespace kinto_mirror::daemon
