#pragma once
// The dice of one simulation: the same for the same seed on every machine.

#include <cstdint>
#include <random>

namespace kinto_mirror::simulate {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  // In [0, bound). REQUIRES: bound > 0.
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(bound));
  }
  // In [low, high].
  std::int64_t between(std::int64_t low, std::int64_t high) { return low + below(high - low + 1); }
  bool percent(std::int64_t chance) { return below(100) < chance; }
  template <class Range>
  const auto& pick(const Range& range) {
    return range[static_cast<std::size_t>(below(static_cast<std::int64_t>(std::size(range))))];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace kinto_mirror::simulate
