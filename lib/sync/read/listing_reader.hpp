#pragma once
// Reads a listing page by page, the next one while the caller works on this one.

#include "base/future.hpp"
#include "kinto/server.hpp"
#include "sync/decide/chunks.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace kinto_mirror::sync {

// Objects with `"deleted": true` of their own look like tombstones in a listing (hazard 21). Sets
// Entry::deleted to what is true, by one more request where it cannot be seen. What was created
// anew since it was listed is `replaced`: what it was cannot be told any more. The answer is not
// kept for later pages: a record may have been created anew meanwhile, with any stamp.
ResultTask<void> resolve_tombstones(kinto::Server& server, std::string path,
                                    std::vector<kinto::Entry>& entries);

class ListingReader {
 public:
  enum class Tombstones { resolved, as_listed };
  // Where objects are written faster than they are listed, a list has no end, but what was there at
  // the ETag of its first page has one: a list by stamps is complete up to it behind a newer row.
  enum class Extent { all, up_to_first_etag };

  // `background` and `server` outlive the reader and everything it started.
  ListingReader(kinto::Server& server, std::string path, kinto::Listing listing,
                TaskGroup& background, Tombstones tombstones = Tombstones::resolved,
                Extent extent = Extent::all);

  // The next page; nothing behind the last one. The page before it stays
  // valid where the caller moved it away.
  ResultTask<std::optional<kinto::Page>> next();

  // Whether there are pages behind the last one after all, since the extent left them out: next()
  // has the first of them then.
  bool go_on();

  [[nodiscard]] bool has_bodies() const noexcept { return !listing_.stamps_only; }

  // Of the first page: what the next cursor is made of.
  [[nodiscard]] Stamp etag() const noexcept { return etag_; }
  [[nodiscard]] Stamp date() const noexcept { return date_; }
  // Of the newest page read: another value means that the collection changed meanwhile.
  [[nodiscard]] Stamp last_etag() const noexcept { return last_etag_; }

  // Of the pages read so far, where tombstones are resolved: live objects, and how many of them
  // have a member `deleted` that is true, which memory backends do not count.
  [[nodiscard]] std::int64_t live() const noexcept { return live_; }
  [[nodiscard]] std::int64_t marked() const noexcept { return marked_; }
  // What shows that some page was stored on its way; empty: nothing does.
  [[nodiscard]] const std::string& stored() const noexcept { return stored_; }

 private:
  void read_ahead();
  [[nodiscard]] bool is_enough(const kinto::Page& page) const;

  kinto::Server& server_;
  std::string path_;
  kinto::Listing listing_;
  TaskGroup& background_;
  Tombstones tombstones_;
  Extent extent_;
  PageSize size_;
  std::optional<Future<Result<kinto::Page>>> ahead_;
  bool first_ = true;
  bool more_ = false;  // pages that were left out
  Stamp etag_;
  Stamp date_;
  Stamp last_etag_;
  std::int64_t live_ = 0;
  std::int64_t marked_ = 0;
  std::string stored_;
};

}  // namespace kinto_mirror::sync
