#pragma once
// What a listing and a count prove, and what they do not (docs/evidence.md). Pure.

#include "kinto/server.hpp"

#include <cstdint>
#include <string>

namespace kinto_mirror::sync {

// Errc::unproven: an answer of `server` for `path` was stored on its way, as `sign` shows.
Error stored_answer(const kinto::ServerConfig& server, std::string_view path,
                    std::string_view sign);

// The whole of a collection, as a list of it gave it, beside the server's own counts.
struct Whole {
  Stamp first_etag;  // of the first page of the list
  Stamp last_etag;   // of its last page
  std::int64_t live = 0;
  std::int64_t marked = 0;  // of `live`: with a member `deleted`, counted by PostgreSQL only
  kinto::Count before;      // asked before the list
  std::optional<kinto::Count> after;
};

// The list and `before` are of one ETag, so that they can be held against each other. Where the
// collection was written meanwhile they cannot, and the list proves nothing about what is absent.
bool is_of_one_etag(const Whole& whole) noexcept;

// They agree. REQUIRES: is_of_one_etag().
bool agrees(const Whole& whole) noexcept;

// The list and `after` are of one ETag. REQUIRES: `after`.
bool is_of_later_etag(const Whole& whole) noexcept;

// `count` is exactly what was listed.
bool is_exactly(const Whole& whole, std::int64_t count) noexcept;

// The same where they did not, and the count was asked once more: `later`, with what we ourselves
// wrote meanwhile taken out. Late commits and past stamps move no ETag, so that a list may hold any
// number between the two. Example: 700 counted, 650 listed, 700 counted again: the list was short.
bool agrees(const Whole& whole, std::int64_t later) noexcept;

// Errc::unproven, with the numbers: "the list of b/c was short: 650 of 700 records ...".
Error not_the_whole(const kinto::ServerConfig& server, const CollectionId& id, const Whole& whole,
                    std::int64_t later);

}  // namespace kinto_mirror::sync
