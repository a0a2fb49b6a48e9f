#include "daemon/status/rights.hpp"

#include <algorithm>

namespace kinto_mirror::daemon {

namespace {

// Errors begin with the name of the server that they are about.
bool is_about(const Error& error, const std::string& server) {
  return error.code == Errc::forbidden && error.message.starts_with(server) &&
         error.message.substr(server.size()).find_first_of(" :") == 0;
}

// What does not exist (404) is no matter of rights, and may come.
bool is_refused(const PassNews& news, const std::string& server) {
  return news.trouble && news.error && is_about(*news.error, server);
}

}  // namespace

std::optional<Error> hides_everything(const Board& board, const std::string& server,
                                      bool is_master) {
  for (const auto& [name, news] : board.replicas()) {
    if (news.error && is_about(*news.error, server)) return news.error;
    if (news.error || news.collections.empty()) continue;
    const bool none = std::ranges::all_of(
        news.collections, [&server](const auto& one) { return is_refused(one.second, server); });
    if (!none) continue;
    const PassNews& first = news.collections.begin()->second;
    return Error(Errc::forbidden, server + ": its user may " + (is_master ? "read" : "write") +
                                      " nothing in scope, such as " +
                                      news.collections.begin()->first.str() + " (" +
                                      first.error->message + ")");
  }
  return std::nullopt;
}

}  // namespace kinto_mirror::daemon
