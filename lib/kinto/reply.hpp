#pragma once
// What one HTTP answer tells beside its body. Pure.

#include "base/clock.hpp"
#include "base/types.hpp"
#include "http/transport.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace kinto_mirror::kinto {

// An answer, and what shows that it was stored on its way (empty: nothing does).
struct Reply : http::Response {
  std::string stored;
  Millis took{0};  // from when it was asked for
  // A read-only node's 503 to a list that its writable node was never asked for (hazard 64): it
  // lasts until that one is, and says nothing of any other list.
  bool of_one_list = false;
  bool shared = false;  // it came in a batch, whatever it was asked as

  Reply() = default;
  explicit Reply(http::Response response) : http::Response(std::move(response)) {}
};

// Live objects, as Total-Objects or, up to Kinto 13, Total-Records tells.
std::optional<std::int64_t> total_of(const http::Headers& headers);

// The server's clock, as `Date` tells; 0 where it does not.
Stamp date_of(const http::Headers& headers);

// 429, 502, 503 or 504 that is not Kinto's own, which would have an `errno`: a limiter refuses what
// comes too fast, or a gateway cannot reach its server (hazard 65). It says nothing of what was
// asked. The answer to a HEAD has no body, so that nobody can tell whose it is.
bool is_refused_in_between(std::string_view method, const http::Response& response);

// A 4xx or 5xx that is not Kinto's own, which would have an `errno`. Of HEAD nobody can tell.
bool is_refusal_in_front(std::string_view method, const http::Response& response);

// Of these a 4xx (but 408, 413, 414, 429 and 431) or 501: something in front of Kinto refuses what
// was asked, as a firewall does that mistakes a record for an attack.
bool is_turned_away(std::string_view method, const http::Response& response);

// Why such a refusal says nothing of Kinto, and what to do, for the end of a message.
inline constexpr std::string_view in_front =
    "; this is not Kinto's own answer, but that of something in front of it, such as a firewall: "
    "its log tells what it minds";

}  // namespace kinto_mirror::kinto
