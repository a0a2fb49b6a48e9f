#include "sync/decide/chunks.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::sync {

std::deque<std::vector<std::string>> into_id_chunks(std::vector<std::string> ids) {
  constexpr std::size_t around_each = 7;  // quotes and comma, percent-encoded at worst
  std::deque<std::vector<std::string>> chunks;
  std::size_t room = 0;
  for (std::string& id : ids) {
    const std::size_t cost = around_each + id.size();
    // Kinto splits the list at each comma, even between quotes: such an id is asked for alone.
    const bool alone = id.find(',') != std::string::npos;
    if (chunks.empty() || alone || room < cost) {
      chunks.emplace_back();
      room = max_query_bytes;
    }
    room -= alone ? room : std::min(room, cost);
    chunks.back().push_back(std::move(id));
  }
  return chunks;
}

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
