#pragma once
// What became of the messages to the webhook since the daemon started.

#include "base/clock.hpp"
#include "base/error.hpp"

#include <cstdint>
#include <optional>
#include <utility>

namespace kinto_mirror::daemon {

struct Deliveries {
  std::uint64_t delivered = 0;  // messages that were answered 2xx
  std::uint64_t retried = 0;    // calls that failed, and were made again
  std::uint64_t given_up = 0;   // messages
  std::optional<Instant> last_delivered;
  std::optional<Error> error;  // of the last call; nothing: it was taken, or none was made
  Instant failing_since{};     // of calls without one that was taken between them

  void arrived(Instant now) {
    ++delivered;
    last_delivered = now;
    error.reset();
  }
  void failed(Error cause, bool again, Instant now) {
    if (!error) failing_since = now;
    error = std::move(cause);
    ++(again ? retried : given_up);
  }
};

}  // namespace kinto_mirror::daemon
