#include "sync/decide/brake.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

std::int64_t allowed_deletes(const MaxDelete& max, std::int64_t replica_live) noexcept {
  constexpr std::int64_t floor = 10;
  if (!max.percent || max.value == 0) return max.value;
  if (max.value >= 100) return replica_live;
  // Divided first, so that no count can overflow.
  const std::int64_t share = replica_live / 100 * max.value + replica_live % 100 * max.value / 100;
  return std::max(floor, share);
}

bool master_looks_lost(const BrakeInput& input) noexcept {
  return input.master_live == 0 || input.nothing_left;
}

bool brake_holds(const MaxDelete& max, const BrakeInput& input) noexcept {
  if (input.deletes <= input.released) return false;
  const bool everything_allowed = max.percent && max.value >= 100;
  if (master_looks_lost(input) && !everything_allowed) return true;
  return input.deletes > allowed_deletes(max, input.replica_live);
}

std::optional<BrakeReport> pulled(const MaxDelete& max, const BrakeInput& input) {
  if (!brake_holds(max, input)) return std::nullopt;
  BrakeReport brake;
  brake.would_delete = input.deletes;
  brake.master_lost = master_looks_lost(input);
  brake.allowed = brake.master_lost ? 0 : allowed_deletes(max, input.replica_live);
  return brake;
}

}  // namespace kinto_mirror::sync
