#include "sync/read/probe.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

namespace {

// Anything else may be said of batches only, and a probe is a hint: ask without it.
bool concerns_all(Errc code) noexcept {
  return code == Errc::unreachable || code == Errc::untrusted || code == Errc::credentials ||
         code == Errc::stopped || code == Errc::overloaded;
}

}  // namespace

ResultTask<std::unordered_map<CollectionId, kinto::Count>> counts(kinto::Server& server,
                                                                  std::vector<CollectionId> ids) {
  std::unordered_map<CollectionId, kinto::Count> out;
  const std::size_t at_once = server.batch_max_requests();
  for (std::size_t begin = 0; begin < ids.size(); begin += at_once) {
    const std::size_t end = std::min(ids.size(), begin + at_once);
    std::vector<std::string> paths;
    for (std::size_t i = begin; i < end; ++i) paths.push_back(kinto::records_path(ids[i]));
    auto counted = co_await server.counts(std::move(paths));
    if (!counted && concerns_all(counted.error().code)) co_return counted.error();
    if (!counted) continue;
    for (std::size_t i = begin; i < end; ++i) {
      if (auto& count = (*counted)[i - begin]) out[ids[i]] = std::move(*count);
    }
  }
  co_return out;
}

ResultTask<std::unordered_map<CollectionId, kinto::Page>> recent(
    kinto::Server& server, std::vector<std::pair<CollectionId, Stamp>> since) {
  std::unordered_map<CollectionId, kinto::Page> out;
  const std::size_t at_once = server.batch_max_requests();
  for (std::size_t begin = 0; begin < since.size(); begin += at_once) {
    const std::size_t end = std::min(since.size(), begin + at_once);
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
