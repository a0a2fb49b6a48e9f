#pragma once
// Whether a replica holds all that the master had at some moment: compared, not assumed. Pure.

#include "sync/decide/scope.hpp"
#include "sync/decide/standing.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

// What stands between a replica and the barrier.
struct Open {
  std::string id;      // "b/c", or of the containers "b"; empty: the list of collections itself
  std::string why;     // for people
  bool stays = false;  // waiting does not end it
};

struct BarrierLook {
  std::size_t collections = 0;  // that are meant
  std::vector<Open> open;       // empty: the replica has reached it

  [[nodiscard]] bool reached() const noexcept { return open.empty(); }
  // Something will not come by waiting.
  [[nodiscard]] bool never() const noexcept;
};

// Of the collections that `which` matches and the containers of their buckets, at `since`: each was
// compared as a whole by a pass that began no earlier, after a round that listed what there is.
// That pass has read what was committed by then, whatever its stamps.
BarrierLook look_at_barrier(const Standing& standing, const Scope& which, Instant since);

}  // namespace kinto_mirror::sync
