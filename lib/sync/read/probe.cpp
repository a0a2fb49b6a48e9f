#include "sync/read/probe.hpp"

#include "sync/decide/chunks.hpp"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <string>

namespace kinto_mirror::sync {

namespace {

// Anything else may be said of batches only, or of one endpoint.
bool concerns_all(Errc code) noexcept {
  return code == Errc::unreachable || code == Errc::untrusted || code == Errc::credentials ||
         code == Errc::stopped || code == Errc::overloaded;
}

using Since = std::pair<CollectionId, Stamp>;

const std::string& path_of(const std::string& path) noexcept {
  return path;
}
std::string path_of(const Since& since) {
  return kinto::records_path(since.first);
}

// Hands `items` to `ask` in batches, as probe.hpp says. True: a batch failed, and was parted.
template <class Item, class Ask>
ResultTask<bool> ask_in_parts(kinto::Server& server, std::vector<Item> items,
                              std::set<std::string>& apart, const Ask& ask) {
  bool parted = false;
  // Not std::ranges::stable_partition, whose result clang 14 cannot compile with this libstdc++.
  const auto alone = std::stable_partition(items.begin(), items.end(), [&apart](const Item& item) {
    return !apart.contains(path_of(item));
  });
  std::deque<std::vector<Item>> chunks;
  for (auto item = alone; item != items.end(); ++item) chunks.push_back({*item});
  items.erase(alone, items.end());
  while (!items.empty() || !chunks.empty()) {
    if (chunks.empty()) {
      // Another loop's greeting may have lowered it meanwhile.
      const std::size_t many = std::min(items.size(), server.batch_max_requests());
      const auto end = items.begin() + static_cast<std::ptrdiff_t>(many);
      chunks.emplace_back(items.begin(), end);
      items.erase(items.begin(), end);
    }
    if (chunks.front().size() > server.batch_max_requests()) {
      split_front(chunks);
      continue;
    }
    auto asked = co_await ask(chunks.front());
    if (!asked && concerns_all(asked.error().code)) co_return asked.error();
    if (!asked && split_front(chunks)) {
      parted = true;
      continue;
    }
    if (!asked) apart.insert(path_of(chunks.front().front()));
    chunks.pop_front();
  }
  co_return parted;
}

}  // namespace

ResultTask<Counts> counts(kinto::Server& server, std::vector<std::string> paths,
                          std::set<std::string>& apart) {
  Counts out;
  const auto ask = [&](const std::vector<std::string>& chunk) -> ResultTask<void> {
    auto counted = co_await server.counts(chunk);
    if (!counted) co_return counted.error();
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      auto& count = (*counted)[i];
      if (!count) continue;
      apart.erase(chunk[i]);
      out.by_path[chunk[i]] = std::move(*count);
    }
    co_return success();
  };
  auto parted = co_await ask_in_parts(server, std::move(paths), apart, ask);
  if (!parted) co_return parted.error();
  out.parted = *parted;
  co_return out;
}

ResultTask<std::unordered_map<CollectionId, kinto::Page>> recent(kinto::Server& server,
                                                                 std::vector<Since> since,
                                                                 std::set<std::string>& apart) {
  std::unordered_map<CollectionId, kinto::Page> out;
  const auto ask = [&](const std::vector<Since>& chunk) -> ResultTask<void> {
    std::vector<std::string> paths;
    std::vector<Stamp> stamps;
    paths.reserve(chunk.size());
    stamps.reserve(chunk.size());
    for (const auto& [id, stamp] : chunk) {
      paths.push_back(kinto::records_path(id));
      stamps.push_back(stamp);
    }
    auto listed = co_await server.recent(std::move(paths), std::move(stamps));
    if (!listed) co_return listed.error();
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      auto& one = (*listed)[i];
      if (!one) continue;
      apart.erase(path_of(chunk[i]));
      if (one->whole) out[chunk[i].first] = std::move(one->page);
    }
    co_return success();
  };
  const auto parted = co_await ask_in_parts(server, std::move(since), apart, ask);
  if (!parted) co_return parted.error();
  co_return out;
}

}  // namespace kinto_mirror::sync
