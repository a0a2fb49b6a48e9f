#pragma once
// A server that answers and knows the daemon, and shows it nothing of what it is to copy, does not
// work for it. Pure.

#include "base/error.hpp"
#include "daemon/status/board.hpp"

#include <optional>
#include <string>

namespace kinto_mirror::daemon {

// What the last rounds of all replicas met, where `server` hid everything in scope from the daemon
// in one of them, or refused each collection's pass; nothing before the first round. `is_master`
// says whether that was for lack of a right to read there, or to write.
std::optional<Error> hides_everything(const Board& board, const std::string& server,
                                      bool is_master);

}  // namespace kinto_mirror::daemon
