#include "sync/read/probe.hpp"

#include "sync/decide/chunks.hpp"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <string>

namespace kinto_mirror::sync {

namespace {

// Anything else may be said of batches only, or of one collection.
bool concerns_all(Errc code) noexcept {
  return code == Errc::unreachable || code == Errc::untrusted || code == Errc::credentials ||
         code == Errc::stopped || code == Errc::overloaded;
}

}  // namespace

ResultTask<Counts> counts(kinto::Server& server, std::vector<CollectionId> ids,
                          std::set<CollectionId>& apart) {
  Counts out;
  // Not std::ranges::stable_partition, whose result clang 14 cannot compile with this libstdc++.
  const auto alone = std::stable_partition(
      ids.begin(), ids.end(), [&apart](const auto& id) { return !apart.contains(id); });
  std::deque<std::vector<CollectionId>> chunks;
  for (auto id = alone; id != ids.end(); ++id) chunks.push_back({*id});
  ids.erase(alone, ids.end());
  while (!ids.empty() || !chunks.empty()) {
    if (chunks.empty()) {
      // Another loop's greeting may have lowered it meanwhile.
      const std::size_t many = std::min(ids.size(), server.batch_max_requests());
      const auto end = ids.begin() + static_cast<std::ptrdiff_t>(many);
      chunks.emplace_back(ids.begin(), end);
      ids.erase(ids.begin(), end);
    }
    if (chunks.front().size() > server.batch_max_requests()) {
      split_front(chunks);
      continue;
    }
    std::vector<std::string> paths;
    for (const CollectionId& id : chunks.front()) paths.push_back(kinto::records_path(id));
    auto counted = co_await server.counts(std::move(paths));
    if (!counted && concerns_all(counted.error().code)) co_return counted.error();
    if (!counted && split_front(chunks)) {
      out.parted = true;
      continue;
    }
    const std::vector<CollectionId> chunk = std::move(chunks.front());
    chunks.pop_front();
    if (!counted) {
      apart.insert(chunk.front());
      continue;
    }
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      auto& count = (*counted)[i];
      if (!count) continue;
      apart.erase(chunk[i]);
      out.by_id[chunk[i]] = std::move(*count);
    }
  }
  co_return out;
}

ResultTask<std::unordered_map<CollectionId, kinto::Page>> recent(
    kinto::Server& server, std::vector<std::pair<CollectionId, Stamp>> since) {
  std::unordered_map<CollectionId, kinto::Page> out;
  for (std::size_t begin = 0, end = 0; begin < since.size(); begin = end) {
    end = std::min(since.size(), begin + server.batch_max_requests());
    std::vector<std::string> paths;
    std::vector<Stamp> stamps;
    for (std::size_t i = begin; i < end; ++i) {
      paths.push_back(kinto::records_path(since[i].first));
      stamps.push_back(since[i].second);
    }
    auto listed = co_await server.recent(std::move(paths), std::move(stamps));
    if (!listed && concerns_all(listed.error().code)) co_return listed.error();
    if (!listed) continue;
    for (std::size_t i = begin; i < end; ++i) {
      auto& one = (*listed)[i - begin];
      if (one && one->whole) out[since[i].first] = std::move(one->page);
    }
  }
  co_return out;
}

}  // namespace kinto_mirror::sync
