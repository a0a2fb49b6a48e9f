#pragma once
// Whether an answer is of now, or was stored on its way and given again. Pure.

#include "base/clock.hpp"
#include "base/types.hpp"
#include "http/transport.hpp"

#include <string>

namespace kinto_mirror::kinto {

// What is known of a server's own clock, from the `Date` of its answers.
class ServerClock {
 public:
  // An answer with `date` came at `now`. Whoever got it by POST has it from the server itself,
  // since no cache stores that: it counts whatever was known before (a clock may be set back). Any
  // other may be old, and only counts where it says more.
  void told(Stamp date, Instant now, bool by_post) noexcept;

  // The server's clock shows at least this at `now`; 0 where nothing is known. Example: an answer
  // of 12:00:00 came a minute ago, so it is 12:01:00 there, or later.
  [[nodiscard]] Stamp at_least(Instant now) const noexcept;

 private:
  Stamp date_;
  Instant at_{};
};

// The header of an answer that shows that it was stored, as in "Age: 17"; empty where none does.
// Caches tell of it by Age (RFC 9111), Cache-Status (RFC 9211) or X-Cache; of those that do not, an
// `Expires` that lies less than max-age ahead tells (Kinto gives both together, when it begins an
// answer; `Date` may be of when its end came by, so that `took` lies between).
std::string sign_of_storage(const http::Headers& headers, Millis took);

// The same by its `Date` alone, where the server's clock showed `clock` or more when it was asked:
// "Date: ..., 120 s before the request". Servers behind a balancer may disagree by some seconds.
std::string sign_of_age(const http::Headers& headers, Stamp clock);

}  // namespace kinto_mirror::kinto
