#pragma once
// The commands that give an order to a running daemon, over its socket.

#include "base/error.hpp"
#include "daemon/config.hpp"

#include <iosfwd>
#include <string>

namespace kinto_mirror::daemon {

// Prints the daemon's answer, as a line or with config.json as it came, and returns its exit code;
// 69 where no daemon answers.
int give_order(const Config& config, std::ostream& out, std::ostream& err);

struct SocketAnswer {
  int status = 0;
  std::string body;
};

// A status page, over the same socket: for whoever may give orders, wherever the daemon listens.
Result<SocketAnswer> page_over_socket(const Config& config, const std::string& path);

}  // namespace kinto_mirror::daemon
