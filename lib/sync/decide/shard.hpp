#pragma once
// Which of several daemons takes what: each computes it for itself, and all come to the same. Pure.

#include <cstdint>
#include <string>
#include <string_view>

namespace kinto_mirror::sync {

// REQUIRES: index < count.
struct Shard {
  std::uint32_t index = 0;
  std::uint32_t count = 1;

  // `id`: "bucket/collection", or "bucket" for a bucket and its groups. Each id is one shard's.
  [[nodiscard]] bool owns(std::string_view id) const noexcept;
  // There are no others.
  [[nodiscard]] bool is_all() const noexcept { return count == 1; }
  [[nodiscard]] std::string str() const;  // "0/3"

  bool operator==(const Shard&) const = default;
};

// Above it every id costs more hashes than a daemon could win by sharing its work.
inline constexpr std::uint32_t most_shards = 1'000;

// Rendezvous hashing: the shard 0..count-1 that gives `id` the highest weight, so that one shard
// more moves just what that one takes. REQUIRES: count > 0.
std::uint32_t shard_of(std::string_view id, std::uint32_t count) noexcept;

// FNV-1a (64 bits) of "<id>#<shard>", finished with splitmix64's mix without its increment.
std::uint64_t shard_weight(std::string_view id, std::uint32_t shard) noexcept;

}  // namespace kinto_mirror::sync
