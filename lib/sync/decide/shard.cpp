#include "sync/decide/shard.hpp"

#include <array>
#include <charconv>

namespace kinto_mirror::sync {

namespace {

constexpr std::uint64_t fnv_basis = 0xcbf29ce484222325;
constexpr std::uint64_t fnv_prime = 0x100000001b3;

std::uint64_t fnv_1a(std::string_view text, std::uint64_t hash) noexcept {
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= fnv_prime;
  }
  return hash;
}

std::uint64_t mixed(std::uint64_t z) noexcept {
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111eb;
  return z ^ (z >> 31U);
}

// `hash`: of "<id>#".
std::uint64_t weight(std::uint64_t hash, std::uint32_t shard) noexcept {
  std::array<char, 10> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), shard).ptr;
  return mixed(fnv_1a({digits.data(), static_cast<std::size_t>(end - digits.data())}, hash));
}

std::uint64_t hash_of(std::string_view id) noexcept {
  return fnv_1a("#", fnv_1a(id, fnv_basis));
}

}  // namespace

bool Shard::owns(std::string_view id) const noexcept {
  return is_all() || shard_of(id, count) == index;
}

std::string Shard::str() const {
  return std::to_string(index) + "/" + std::to_string(count);
}

std::uint32_t shard_of(std::string_view id, std::uint32_t count) noexcept {
  const std::uint64_t hash = hash_of(id);
  std::uint32_t best = 0;
  std::uint64_t highest = weight(hash, 0);
  for (std::uint32_t shard = 1; shard < count; ++shard) {
    const std::uint64_t one = weight(hash, shard);
    if (one <= highest) continue;
    highest = one;
    best = shard;
  }
  return best;
}

std::uint64_t shard_weight(std::string_view id, std::uint32_t shard) noexcept {
  return weight(hash_of(id), shard);
}

}  // namespace kinto_mirror::sync
