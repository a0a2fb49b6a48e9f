#pragma once
// How many records to ask for at once. Pure.

#include <cstddef>
#include <cstdint>

namespace kinto_mirror::sync {

// Pages as large as about 4 MiB will hold, since a page of Kinto's memory backend costs time
// proportional to the whole collection, whatever its size.
class PageSize {
 public:
  static constexpr std::size_t target_bytes = 4 * 1024 * 1024;
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
