#pragma once
// What a pass over the containers (buckets, groups and collections) did and found. Plain data.

#include "sync/decide/report.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

// One container that is not as it should be.
struct ContainerDifference {
  enum class Kind {
    missing,              // the replica lacks it
    data,                 // other metadata
    permissions,          // other lists, of those that the settings ask for
    undeleted,            // the master deleted it, and it is still there
    extra,                // only the replica has it
    quarantined,          // the replica refuses it
    unknown_permissions,  // one side does not show its lists
  };
  std::string id;  // "b", "b/groups/g" or "b/collections/c"
  Kind kind = Kind::missing;
  std::string reason;  // for people: what it is, and where it helps, what to do

  bool operator==(const ContainerDifference&) const = default;
};

std::string_view to_string(ContainerDifference::Kind kind) noexcept;

struct ContainersReport {
  std::int64_t same = 0;
  std::vector<std::string> equal;  // the ids of these, where options.names ask for them
  Written written;
  std::vector<ContainerDifference> differences;  // as it stands at the end, by id
  State state = State::in_sync;                  // in_sync, different, degraded or failed
  std::optional<Error> error;                    // of `failed`

  // Of two parts of a replica; the state is for conclude() to tell.
  ContainersReport& operator+=(const ContainersReport& more);

  void fail(Error why) {
    error = std::move(why);
    state = State::failed;
  }
  // Something was compared, or deleted.
  [[nodiscard]] bool any() const noexcept { return same + written.all() > 0; }
};

// What they mean. An extra is a difference in `delete` only; lists that nobody can see make it
// degraded, as what is refused does.
State conclude(const ContainersReport& report, Extras extras) noexcept;

}  // namespace kinto_mirror::sync
