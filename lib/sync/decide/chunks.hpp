#pragma once
// How much goes into one request: ids in an address, records in a page, and what to do where it was
// too much. Pure.

#include "base/split.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

// What common proxies let through in an address (8 KiB, half of it left for its other parts).
inline constexpr std::size_t max_query_bytes = 4000;

// In the same order, each chunk short enough for one address; a longer id goes alone, and so does
// one with a comma, which no list can carry (hazard 63: "paris,texas").
std::deque<std::vector<std::string>> into_id_chunks(std::vector<std::string> ids);

// Pages as large as about 4 MiB will hold, since a page of Kinto's memory backend costs time
// proportional to the whole collection, whatever its size.
class PageSize {
 public:
  static constexpr std::size_t target_bytes = std::size_t{4} << 20U;
  static constexpr std::int64_t first_with_bodies = 500;  // nothing is known of the records yet
  static constexpr std::int64_t largest = 10'000;         // Kinto's own default bound

  explicit PageSize(bool bodies) noexcept : limit_(bodies ? first_with_bodies : largest) {}

  [[nodiscard]] std::int64_t limit() const noexcept { return limit_; }

  // A page of `bytes` came with `records`.
  void learn(std::size_t bytes, std::size_t records) noexcept;

  // A page exceeded the bound on an answer. False when it held only one record.
  bool halve() noexcept;

  // A page ended where the next one cannot begin. False when no larger one can be asked for.
  bool grow() noexcept;

 private:
  std::int64_t limit_;
};

}  // namespace kinto_mirror::sync
