#include "sync/decide/proof.hpp"

#include "base/require.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

Error stored_answer(const kinto::ServerConfig& server, std::string_view path,
                    std::string_view sign) {
  Error error = kinto::error_of(
      server, Errc::unproven,
      "GET " + std::string(path) + ": the answer was stored by a cache (" + std::string(sign) +
          "), so that nothing is concluded from it; let the cache pass what says "
          "'Cache-Control: no-cache', or give the address behind it");
  error.stored = true;
  return error;
}

bool is_of_one_etag(const Whole& whole) noexcept {
  return whole.before.etag > Stamp{} && whole.before.etag == whole.first_etag &&
         whole.first_etag == whole.last_etag;
}

bool is_of_later_etag(const Whole& whole) noexcept {
  KINTO_MIRROR_REQUIRE(whole.after.has_value());
  return whole.last_etag > Stamp{} && whole.first_etag == whole.last_etag &&
         whole.after->etag == whole.last_etag;
}

bool is_exactly(const Whole& whole, std::int64_t count) noexcept {
  return count == whole.live || count == whole.live - whole.marked;
}

bool agrees(const Whole& whole) noexcept {
  KINTO_MIRROR_REQUIRE(is_of_one_etag(whole));
  return is_exactly(whole, whole.before.live);
}

bool agrees(const Whole& whole, std::int64_t later) noexcept {
  const auto [least, most] = std::minmax(whole.before.live, later);
  return whole.live >= least && whole.live - whole.marked <= most;
}

Error not_the_whole(const kinto::ServerConfig& server, const CollectionId& id, const Whole& whole,
                    std::int64_t later) {
  const bool is_short = whole.live < later;
  return kinto::error_of(
      server, Errc::unproven,
      "the list of " + id.str() + (is_short ? " was short: " : " was longer than its count: ") +
          std::to_string(whole.live) + " records were listed, and the server counts " +
          std::to_string(later) +
          " at the same ETag; nothing is concluded from it, and nothing is deleted" +
          (is_short ? "; what stands in front of the server must let its header Next-Page pass"
                    : ""));
}

}  // namespace kinto_mirror::sync
