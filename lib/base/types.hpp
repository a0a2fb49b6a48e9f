#pragma once
// Strong types for Kinto's own terms.

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace kinto_mirror {

// A `last_modified` or an ETag: milliseconds since 1970, as Kinto gives them. 0 stands before
// every stamp that a server hands out; a client may store that, and less.
struct Stamp {
  std::int64_t ms = 0;
  auto operator<=>(const Stamp&) const = default;
};

// Stands before every stamp whatsoever.
inline constexpr Stamp before_all{-(std::int64_t{1} << 62)};

// "bucket/collection"
struct CollectionId {
  std::string bucket;
  std::string collection;

  CollectionId() = default;
  CollectionId(std::string bucket_, std::string collection_)
      : bucket(std::move(bucket_)), collection(std::move(collection_)) {}

  auto operator<=>(const CollectionId&) const = default;
  [[nodiscard]] std::string str() const { return bucket + "/" + collection; }
};

}  // namespace kinto_mirror

template <>
struct std::hash<kinto_mirror::CollectionId> {
  std::size_t operator()(const kinto_mirror::CollectionId& id) const noexcept {
    return std::hash<std::string>{}(id.bucket) * 31 + std::hash<std::string>{}(id.collection);
  }
};
