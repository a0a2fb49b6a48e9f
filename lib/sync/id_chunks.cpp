#include "sync/id_chunks.hpp"

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

}  // namespace kinto_mirror::sync
