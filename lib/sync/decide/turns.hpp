#pragma once
// Rolling turns: of many collections some are asked after in a round, and each within a minute.
// Pure.

#include "base/clock.hpp"
#include "base/types.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

struct Turn {
  Millis interval{5'000};  // of the rounds
  Millis passed{5'000};    // since the round before began
  std::size_t room = 0;    // questions that cost no request of their own
};

// How many of `count` are asked now. Example: 1,000 collections, interval 5 s, room for 14: 100, so
// that the turn comes round in ten rounds. Of 20, all that there is room for.
std::size_t turn_size(std::size_t count, const Turn& turn) noexcept;

// The `many` that were asked longest ago, by when each was.
std::vector<CollectionId> take_turn(std::vector<std::pair<Instant, CollectionId>> asked,
                                    std::size_t many);

}  // namespace kinto_mirror::sync
