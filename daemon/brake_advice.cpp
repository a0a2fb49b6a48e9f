#include "daemon/brake_advice.hpp"

#include <fmt/format.h>

namespace kinto_mirror::daemon {

std::string release_command(std::string_view collection, std::string_view max_delete,
                            const Caller& caller) {
  return fmt::format("kinto-mirror {} --collections {} --extras delete --max-delete {}{}",
                     caller.command, shell_word(collection), max_delete, caller.flags);
}

std::string max_delete_for(const sync::BrakeReport& brake) {
  return brake.master_lost ? "100%" : std::to_string(brake.would_delete);
}

std::string allowed_text(std::int64_t allowed, bool master_lost, const Caller& caller) {
  if (master_lost) {
    return fmt::format("none is allowed, since {} is empty or has nothing left of what it had",
                       caller.from());
  }
  return std::to_string(allowed) + " are allowed";
}

}  // namespace kinto_mirror::daemon
