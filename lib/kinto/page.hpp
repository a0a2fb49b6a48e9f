#pragma once
// One answer of a plural endpoint, cut into its objects.

#include "base/error.hpp"
#include "base/json_slice.hpp"
#include "base/types.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::kinto {

// A record or a tombstone of a listing.
struct Entry {
  std::string id;
  Stamp stamp;
  // The object says `"deleted": true`: a tombstone, or a live record with such a field of its own
  // (one with other members beside id, last_modified and deleted is surely live).
  bool deleted = false;
  bool has_other_members = false;
  bool replaced = false;  // another version stands there now; set by whoever asked again
  std::string_view raw;   // the server's own bytes, alive as long as the Page
};

// Where a listing goes on behind one of its pages; empty behind the last one.
struct Onward {
  std::string token;  // percent-encoded value of `_token`, where the server gave a Next-Page
  // Without one: from `stamp` on, but for the objects of this stamp that were listed already. A
  // page that ends with `a` and `b`, both at 7, goes on at stamp 7 with `a` and `b` listed.
  Stamp stamp;
  std::vector<std::string> listed;
  // Of a list in the order of ids (Listing::by_id): behind this one.
  std::string id;

  [[nodiscard]] bool empty() const noexcept {
    return token.empty() && listed.empty() && id.empty();
  }
};

struct Page {
  std::vector<Entry> entries;
  Stamp etag;  // of the collection, read by the server before the rows; 0: none given
  Stamp date;  // the server's clock when it answered (whole seconds); 0: none given
  Onward next;
  // What shows that this was not said now, but stored on its way; empty: nothing does.
  std::string stored;

  [[nodiscard]] std::size_t bytes() const noexcept { return body ? body->size() : 0; }

  std::unique_ptr<const std::string> body;  // what the entries' `raw` points into
};

// What tells an object apart. Others would read the same of it, however they read: members that
// stand there twice, which readers take differently, or in other letters, are refused.
struct Identity {
  std::string id;  // unescaped
  Stamp stamp;
  std::string_view deleted;        // the value of that member; empty: it has none
  bool has_other_members = false;  // beside these three
};

// Of the object that comes next, which is read to its end. Errc::not_kinto where it lacks a string
// `id` or an integer `last_modified`.
Result<Identity> read_identity(json::Cursor& object);

// Cuts `{"data": [...]}`. Errc::not_kinto when the body is anything else, or an object has no
// Identity; nothing is returned of a page that is partly wrong.
Result<Page> parse_page(std::string body);

// The same for one object, `{"data": {...}, ...}`; the page has one entry.
Result<Page> parse_object(std::string body);

// `record` with another `last_modified`; every other byte stays.
// REQUIRES: `record` is an object that has one (an Entry's `raw`).
std::string with_stamp(std::string_view record, Stamp stamp);

// The stamp that an ETag header tells: `"1234"`, and what is made of it on its way (RFC
// 9110, 8.8.1): weak, `W/"1234"`, or with the name of a coding, `"1234-gzip"`.
std::optional<Stamp> parse_etag(std::string_view header);

// The value of `_token` in a Next-Page URL, still percent-encoded. The rest of the URL is ignored:
// the server builds it from whatever Host it was told (hazard 35).
std::optional<std::string> token_of(std::string_view next_page);

}  // namespace kinto_mirror::kinto
