#include "sync/read/look_up.hpp"

#include "sync/decide/chunks.hpp"
#include "sync/decide/proof.hpp"
#include "sync/read/listing_reader.hpp"

#include <deque>
#include <limits>
#include <optional>
#include <unordered_set>

namespace kinto_mirror::sync {

namespace {

using IdList = std::vector<std::string>;
using FoundMap = std::unordered_map<std::string, Found>;

ResultTask<void> read_chunk(kinto::Server& server, std::string path, kinto::Listing listing,
                            Word word, FoundMap& found) {
  do {
    auto page = co_await server.list(path, listing);
    if (!page) co_return page.error();
    if (word == Word::of_now && !page->stored.empty()) {
      co_return stored_answer(server.config(), path, page->stored);
    }
    const auto resolved = co_await resolve_tombstones(server, path, page->entries);
    if (!resolved) co_return resolved.error();
    for (kinto::Entry& entry : page->entries) {
      Found item;
      item.stamp = entry.stamp;
      item.tombstone = entry.deleted;
      if (!listing.stamps_only && !entry.replaced) item.record = entry.raw;
      found[std::move(entry.id)] = std::move(item);
    }
    listing.from = std::move(page->next);
  } while (!listing.from.empty());
  co_return success();
}

}  // namespace

ResultTask<FoundMap> look_up(kinto::Server& server, CollectionId collection, IdList ids, With with,
                             Word word) {
  const std::string path = kinto::records_path(collection);
  FoundMap found;
  std::deque<IdList> chunks = into_id_chunks(std::move(ids));
  std::size_t most = std::numeric_limits<std::size_t>::max();  // ids that came through
  while (!chunks.empty()) {
    while (chunks.front().size() > most && split_front(chunks)) continue;
    kinto::Listing listing;
    listing.since = before_all;  // tombstones too
    listing.stamps_only = with == With::stamps;
    listing.ids = chunks.front();
    auto read = co_await read_chunk(server, path, std::move(listing), word, found);
    if (!read) {
      // What stands in front of a server may mind a list of ids, and take them one by one.
      const Errc code = read.error().code;
      const bool too_much = code == Errc::too_large || code == Errc::turned_away ||
                            code == Errc::rejected || read.error().slow;
      if (too_much && split_front(chunks)) {
        most = chunks.front().size();
        continue;
      }
      co_return read.error();
    }
    chunks.pop_front();
  }
  co_return found;
}

}  // namespace kinto_mirror::sync
