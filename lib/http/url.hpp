#pragma once
// Addresses of Kinto servers, as an operator writes them, and text as it goes into a target.

#include "base/error.hpp"
#include "http/transport.hpp"

#include <string>
#include <string_view>

namespace kinto_mirror::http {

struct ServerUrl {
  Origin origin;
  std::string base_path;  // "/v1" or "/prefix/v1": as it goes on the wire, no trailing slash
  std::string userinfo;   // "user:pass", decoded, or empty

  // Canonical, for messages and reports: never holds the userinfo.
  [[nodiscard]] std::string str() const;
};

// Accepts http and https URLs. Kinto's API is always under a version segment, so "/v1" is added to
// a path that does not end in one. Errors: Errc::config, saying what would be accepted; the message
// repeats nothing of `text`, since a password may stand anywhere in an URL that is wrong.
Result<ServerUrl> parse_server_url(std::string_view text);

// An address to send something to, which is not a Kinto's.
struct WebUrl {
  Origin origin;
  std::string target;  // path and query, as they go on the wire

  bool operator==(const WebUrl&) const = default;
};

// Accepts http and https URLs without a user in them. Errors: Errc::config, in words that follow
// the value and repeat nothing of it.
Result<WebUrl> parse_web_url(std::string_view text);

// For a path segment or a query value: all but RFC 3986's unreserved characters become %XX.
std::string percent_encode(std::string_view text);

}  // namespace kinto_mirror::http
