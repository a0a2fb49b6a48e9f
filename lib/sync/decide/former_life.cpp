#include "sync/decide/former_life.hpp"

namespace kinto_mirror::sync {

std::optional<Stamp> to_follow(const Before& before, const FormerLife& former) noexcept {
  if (!former.told || !former.ended) return std::nullopt;
  const bool compared_since = before.audited == Stamp{} || *former.ended < before.audited;
  const bool followed = *former.ended <= before.etag && compared_since && !before.untold;
  return followed ? std::nullopt : former.ended;
}

}  // namespace kinto_mirror::sync
