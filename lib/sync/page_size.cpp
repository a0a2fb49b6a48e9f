#include "sync/page_size.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

void PageSize::learn(std::size_t bytes, std::size_t records) noexcept {
  if (records == 0) return;
  const std::size_t mean = std::max<std::size_t>(1, bytes / records);
  limit_ = std::clamp<std::int64_t>(static_cast<std::int64_t>(target_bytes / mean), 1, largest);
}

bool PageSize::halve() noexcept {
  if (limit_ <= 1) return false;
  limit_ /= 2;
  return true;
}

bool PageSize::grow() noexcept {
  if (limit_ >= largest) return false;
  limit_ = std::min(limit_ * 2, largest);
  return true;
}

}  // namespace kinto_mirror::sync
