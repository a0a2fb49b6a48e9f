#pragma once
// The headers that let a receiver know who calls, as standardwebhooks.com has them, so that its
// libraries for many languages can check them. Pure.

#include "base/error.hpp"
#include "http/transport.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace kinto_mirror::daemon {

// The key in a file's content: of "whsec_" and base64 what that stands for, of other text its
// bytes; line ends behind it do not count. Errors: Errc::config, in words that follow the path, and
// that repeat nothing of the content.
Result<std::string> parse_webhook_key(std::string content);

// webhook-id, webhook-timestamp and, unless `key` is empty, webhook-signature: "v1," and the base64
// of the HMAC-SHA256 of "id.seconds.body".
http::Headers signed_headers(std::string_view key, std::string_view id, std::int64_t seconds,
                             std::string_view body);

}  // namespace kinto_mirror::daemon
