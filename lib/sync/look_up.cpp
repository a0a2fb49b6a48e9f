#include "sync/look_up.hpp"

#include "sync/halves.hpp"
#include "sync/listing_reader.hpp"

#include <deque>
#include <optional>
#include <unordered_set>

namespace kinto_mirror::sync {

namespace {

using Ids = std::vector<std::string>;
using FoundMap = std::unordered_map<std::string, Found>;

// What common proxies let through in an address, with room for its other parts.
constexpr std::size_t max_query_bytes = 4000;

std::deque<Ids> in_chunks(Ids ids) {
  std::deque<Ids> chunks;
  std::size_t room = 0;
  for (std::string& id : ids) {
    const std::size_t cost = 3 * 2 + 1 + id.size();
    if (chunks.empty() || room < cost) {
      chunks.emplace_back();
      room = max_query_bytes;
    }
    room -= std::min(room, cost);
    chunks.back().push_back(std::move(id));
  }
  return chunks;
}

ResultTask<void> read_chunk(kinto::Server& server, std::string path, kinto::Listing listing,
                            FoundMap& found) {
  std::optional<std::unordered_set<std::string>> live;
  do {
    auto page = co_await server.list(path, listing);
    if (!page) co_return page.error();
    const auto resolved = co_await resolve_tombstones(server, path, page->entries, live);
    if (!resolved) co_return resolved.error();
    for (kinto::Entry& entry : page->entries) {
      Found item;
      item.stamp = entry.stamp;
      item.tombstone = entry.deleted;
      if (!listing.stamps_only) item.record = entry.raw;
      found[std::move(entry.id)] = std::move(item);
    }
    listing.token = std::move(page->next_token);
  } while (!listing.token.empty());
  co_return success();
}

}  // namespace

ResultTask<FoundMap> look_up(kinto::Server& server, CollectionId collection, Ids ids, With with) {
  const std::string path = kinto::records_path(collection);
  FoundMap found;
  std::deque<Ids> chunks = in_chunks(std::move(ids));
  while (!chunks.empty()) {
    kinto::Listing listing;
    listing.since = Stamp{0};  // tombstones too
    listing.stamps_only = with == With::stamps;
    listing.ids = chunks.front();
    auto read = co_await read_chunk(server, path, std::move(listing), found);
    if (!read) {
      if (read.error().code == Errc::too_large && split_front(chunks)) continue;
      co_return read.error();
    }
    chunks.pop_front();
  }
  co_return found;
}

ResultTask<bool> stands_at_next_free(kinto::Server& replica, CollectionId collection, Stamp wanted,
                                     Stamp actual) {
  constexpr std::int64_t farthest = 10'000;  // one page
  const std::int64_t distance = actual.ms - wanted.ms;
  if (distance <= 0 || distance > farthest) co_return false;
  kinto::Listing between;
  between.since = Stamp{wanted.ms - 1};
  between.before = actual;
  between.stamps_only = true;
  std::unordered_set<std::int64_t> taken;
  do {
    auto page = co_await replica.list(kinto::records_path(collection), between);
    if (!page) co_return page.error();
    for (const kinto::Entry& entry : page->entries) taken.insert(entry.stamp.ms);
    between.token = std::move(page->next_token);
  } while (!between.token.empty());
  co_return static_cast<std::int64_t>(taken.size()) == distance;
}

ResultTask<Stamp> next_free(kinto::Server& replica, CollectionId collection, Stamp from) {
  kinto::Listing above;
  above.since = Stamp{from.ms - 1};
  above.stamps_only = true;
  Stamp free = from;
  do {
    auto page = co_await replica.list(kinto::records_path(collection), above);
    if (!page) co_return page.error();
    for (const kinto::Entry& entry : page->entries) {
      if (entry.stamp > free) co_return free;
      free = Stamp{entry.stamp.ms + 1};
    }
    above.token = std::move(page->next_token);
  } while (!above.token.empty());
  co_return free;
}

}  // namespace kinto_mirror::sync
