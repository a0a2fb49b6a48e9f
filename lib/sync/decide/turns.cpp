#include "sync/decide/turns.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

std::size_t turn_size(std::size_t count, const Turn& turn) noexcept {
  constexpr Millis longest{60'000};
  const Millis passed = std::max(turn.passed, turn.interval);
  // A round is late by as much as it takes itself, and the one before was.
  const Millis round = longest - 2 * turn.interval;
  if (passed >= round) return count;
  const auto parts = static_cast<std::size_t>(round.count());
  const std::size_t due = (count * static_cast<std::size_t>(passed.count()) + parts - 1) / parts;
  return std::min(count, std::max(due, turn.room));
}

std::vector<CollectionId> take_turn(std::vector<std::pair<Instant, CollectionId>> asked,
                                    std::size_t many) {
  std::ranges::sort(asked);
  std::vector<CollectionId> out;
  for (auto& [when, id] : asked) {
    if (out.size() == many) break;
    out.push_back(std::move(id));
  }
  return out;
}

}  // namespace kinto_mirror::sync
