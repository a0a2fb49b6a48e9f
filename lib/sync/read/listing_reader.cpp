#include "sync/read/listing_reader.hpp"

#include "sync/decide/chunks.hpp"
#include "sync/decide/proof.hpp"
#include "sync/decide/scope.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace kinto_mirror::sync {

namespace {

using kinto::Entry;
using kinto::Listing;
using kinto::Page;
using kinto::Server;

// A stamp far ahead, or below 0, may end a page, but Kinto takes no token made of it.
bool ends_badly(const Page& page) {
  if (page.next.token.empty() || page.entries.empty() || page.date == Stamp()) return false;
  return !kinto::may_filter_by(page.entries.back().stamp, page.date);
}

// A page that exceeds the bound on an answer is asked for again with fewer records, as is one that
// the line is too slow for, which the server remembers; one that ends where the next one cannot
// begin, with more.
ResultTask<Page> read_page(Server& server, std::string path, Listing listing, PageSize size) {
  bool halved = false;
  while (true) {
    listing.limit = std::min(size.limit(), server.most_rows(listing.stamps_only));
    const bool bounded = halved || listing.limit < size.limit();
    auto page = co_await server.list(path, listing);
    if (page && !bounded && ends_badly(*page) && size.grow()) continue;
    if (page) co_return page;
    if (page.error().slow && server.most_rows(listing.stamps_only) < listing.limit) continue;
    if (page.error().code != Errc::too_large || !size.halve()) co_return page;
    halved = true;
  }
}

using Live = std::unordered_map<std::string, Stamp>;
using Ids = std::unordered_set<std::string>;

// Live records: without a filter on last_modified no tombstone is listed.
ResultTask<Live> read_live(Server& server, std::string path, Listing listing, Ids wanted) {
  listing.stamps_only = true;
  Live live;
  do {
    auto page = co_await server.list(path, listing);
    if (!page) co_return page.error();
    if (!page->stored.empty()) co_return stored_answer(server.config(), path, page->stored);
    for (Entry& entry : page->entries) {
      if (wanted.contains(entry.id)) live[std::move(entry.id)] = entry.stamp;
    }
    listing.from = std::move(page->next);
  } while (!listing.from.empty());
  co_return live;
}

// Of these where they fit into one address, else, or where that is refused, of the collection.
ResultTask<Live> read_live_of(Server& server, std::string path, std::vector<std::string> ids) {
  Ids wanted(ids.begin(), ids.end());
  auto chunks = into_id_chunks(std::move(ids));
  if (chunks.size() == 1) {
    Listing some;
    some.ids = std::move(chunks.front());
    // Whatever they look like now: one may have lost its member `deleted` since it was listed.
    auto read = co_await read_live(server, path, std::move(some), wanted);
    if (read || read.error().code != Errc::too_large) co_return read;
  }
  Listing all;
  all.with_deleted_field = true;
  co_return co_await read_live(server, std::move(path), std::move(all), std::move(wanted));
}

}  // namespace

ResultTask<void> resolve_tombstones(Server& server, std::string path, std::vector<Entry>& entries) {
  std::vector<std::string> unclear;
  for (Entry& entry : entries) {
    if (entry.deleted && entry.has_other_members) entry.deleted = false;
    // A closing mark has no members, so that it looks like what it is.
    if (entry.deleted && entry.id != closing_mark_id) unclear.push_back(entry.id);
  }
  if (unclear.empty()) co_return success();
  auto live = co_await read_live_of(server, std::move(path), std::move(unclear));
  if (!live) co_return live.error();
  for (Entry& entry : entries) {
    const auto now = entry.deleted ? live->find(entry.id) : live->end();
    if (now == live->end()) continue;
    entry.deleted = false;
    entry.replaced = now->second != entry.stamp;
    entry.stamp = now->second;
  }
  co_return success();
}

ListingReader::ListingReader(Server& server, std::string path, Listing listing,
                             TaskGroup& background, Tombstones tombstones, Extent extent)
    : server_(server),
      path_(std::move(path)),
      listing_(std::move(listing)),
      background_(background),
      tombstones_(tombstones),
      extent_(extent),
      size_(!listing_.stamps_only) {
  read_ahead();
}

void ListingReader::read_ahead() {
  ahead_ = Future<Result<Page>>::start(background_, read_page(server_, path_, listing_, size_));
}

// Strictly newer: of rows that share a stamp some may be on the next page.
bool ListingReader::is_enough(const Page& page) const {
  return extent_ == Extent::up_to_first_etag && etag_ > Stamp{} && !page.entries.empty() &&
         page.entries.back().stamp > etag_;
}

bool ListingReader::go_on() {
  if (!std::exchange(more_, false)) return false;
  read_ahead();
  return true;
}

ResultTask<std::optional<Page>> ListingReader::next() {
  if (!ahead_) co_return std::optional<Page>();
  auto page = co_await ahead_->get();
  ahead_.reset();
  if (!page) co_return page.error();
  // Pages of different moments do not join: what lies behind an old one may be newer than what it
  // lacks, and must not be written before that.
  const bool whole = first_ && page->next.empty();
  if (!page->stored.empty() && !whole)
    co_return stored_answer(server_.config(), path_, page->stored);
  if (std::exchange(first_, false)) {
    etag_ = page->etag;
    date_ = page->date;
  }
  last_etag_ = page->etag;
  if (stored_.empty()) stored_ = page->stored;
  if (!listing_.stamps_only) size_.learn(page->bytes(), page->entries.size());
  if (!page->next.empty()) {
    const auto came = std::ranges::count(page->entries, false, &Entry::deleted);
    listing_.expected = std::max<std::int64_t>(0, listing_.expected - came);
    listing_.from = page->next;
    more_ = is_enough(*page);
    if (!more_) read_ahead();
  }
  if (tombstones_ == Tombstones::as_listed) co_return std::optional<Page>(std::move(*page));
  const auto looked_dead = std::ranges::count_if(page->entries, &Entry::deleted);
  const auto resolved = co_await resolve_tombstones(server_, path_, page->entries);
  if (!resolved) co_return resolved.error();
  const auto dead = std::ranges::count_if(page->entries, &Entry::deleted);
  const auto replaced = std::ranges::count_if(page->entries, &Entry::replaced);
  std::erase_if(page->entries, &Entry::replaced);
  marked_ += looked_dead - dead - replaced;
  live_ += std::ssize(page->entries) - dead;
  std::optional<Page> out(std::move(*page));
  co_return out;
}

}  // namespace kinto_mirror::sync
