#pragma once
// How long things took, counted in buckets. Plain data.

#include "base/clock.hpp"

#include <array>
#include <cstdint>

namespace kinto_mirror::daemon {

// Of durations from a request on loopback to the load of a large collection.
struct Histogram {
  static constexpr std::array<double, 14> bounds{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                                 1,     2.5,  5,     10,   30,  120,  600};  // s

  std::array<std::uint64_t, bounds.size() + 1> counts{};  // the last one: beyond all bounds
  double sum = 0;                                         // s

  void add(Millis took) noexcept {
    const double seconds = static_cast<double>(took.count()) / 1000;
    std::size_t bucket = 0;
    while (bucket < bounds.size() && seconds > bounds[bucket]) ++bucket;
    ++counts[bucket];
    sum += seconds;
  }
};

}  // namespace kinto_mirror::daemon
