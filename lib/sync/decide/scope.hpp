#pragma once
// Which collections an operator asked for, and which of them are this daemon's. Pure.

#include "base/types.hpp"
#include "sync/decide/shard.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::sync {

// The bucket on the replica that is the daemon's own.
inline constexpr std::string_view checkpoint_bucket = "kinto-mirror";
// The record that is created and deleted for a closing mark (write/closing_mark.hpp): no record, no
// difference, no extra.
inline constexpr std::string_view closing_mark_id = "kinto-mirror-mark";
// Buckets of the self-test begin so; a pattern must spell it out to match them, since a daemon that
// followed them would take part in the test.
inline constexpr std::string_view selftest_prefix = "selftest-";

// `*` stands for any characters, `?` for one.
bool glob_match(std::string_view pattern, std::string_view text) noexcept;

bool has_wildcard(std::string_view pattern) noexcept;

// It begins with `!`.
bool takes_out_of_scope(std::string_view pattern) noexcept;

class Scope {
 public:
  // A pattern that begins with `!` takes out, and the last one that matches decides:
  // {"a/*", "!a/tmp-*", "a/tmp-1"}. A list of only such ones begins with "*/*".
  // REQUIRES: each pattern holds exactly one '/'.
  explicit Scope(const std::vector<std::string>& patterns, Shard shard = {});

  // It was asked for, and is of this shard.
  [[nodiscard]] bool contains(const CollectionId& id) const;
  // It was asked for: of whichever shard.
  [[nodiscard]] bool matches(const CollectionId& id) const noexcept;
  // The bucket's own container and its groups are of this shard, where the bucket is in scope.
  [[nodiscard]] bool owns_bucket(std::string_view bucket) const noexcept;

  // Collections of all shards that were asked for by a pattern without wildcards: whether or not
  // they are listed.
  [[nodiscard]] std::vector<CollectionId> named() const;

  // Buckets that are spelled out beside a wildcard for the collection: their collections must be
  // listed, the buckets need not be. Each once.
  [[nodiscard]] std::vector<std::string> named_buckets() const;

  // Some bucket part holds a wildcard: the buckets must be listed.
  [[nodiscard]] bool needs_bucket_list() const noexcept;

  // Some pattern asks for something in it, whatever another one takes out.
  [[nodiscard]] bool touches(std::string_view bucket) const noexcept;

  // A bucket of the list whose collections may be in scope.
  [[nodiscard]] bool may_hold(std::string_view bucket) const noexcept;

  // One pattern covers all of the bucket's collections ("a/*", "*/*"), and no later one takes any
  // of them out.
  [[nodiscard]] bool covers_bucket(std::string_view bucket) const noexcept;
  // Of some bucket, whichever.
  [[nodiscard]] bool covers_buckets() const noexcept;

 private:
  struct Pattern {
    std::string bucket;
    std::string collection;
    bool takes_out = false;
  };
  static bool bucket_matches(const Pattern& pattern, std::string_view bucket) noexcept;
  // All that `pattern` lets in of `bucket` is taken out by a later one.
  [[nodiscard]] bool is_void(const Pattern& pattern, std::string_view bucket) const noexcept;
  std::vector<Pattern> patterns_;
  Shard shard_;
};

}  // namespace kinto_mirror::sync
