#include "sync/decide/replica_count.hpp"

namespace kinto_mirror::sync {

void ReplicaCount::counted(std::int64_t now) noexcept {
  live = now;
  if (!blurred) return;
  base = now;
  added_since = 0;
  blurred = false;
}

void ReplicaCount::tell(std::optional<std::int64_t> beyond_master) noexcept {
  surplus = beyond_master;
  base = live;
  added_since = 0;
  outgrown = false;
  blurred = false;
}

bool ReplicaCount::is_ours_alone() const noexcept {
  return base && live && *live == *base + added_since;
}

std::optional<std::int64_t> ReplicaCount::beyond(
    std::int64_t master_live, std::optional<std::int64_t> lacking) const noexcept {
  if (!live || !surplus || !lacking) return std::nullopt;
  return *live + *lacking - master_live - *surplus;
}

std::optional<std::string> ReplicaCount::contradiction(std::int64_t more,
                                                       std::int64_t master_live) const {
  const std::string lead_to = " than the master's " + std::to_string(master_live) + " lead to";
  if (more < 0) {
    return "the replica has " + std::to_string(-more) + " records fewer" + lead_to +
           ": they came under stamps that no poll reads" +
           (is_ours_alone() ? "" : ", or the replica lost them");
  }
  if (more == 0 || !is_ours_alone()) return std::nullopt;
  return "the replica has " + std::to_string(more) + " records more" + lead_to +
         ", and nobody else wrote to it: they went without a tombstone that a poll reads";
}

}  // namespace kinto_mirror::sync
