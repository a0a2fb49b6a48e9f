#include "sync/decide/scope.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

bool glob_match(std::string_view pattern, std::string_view text) noexcept {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]) && pattern[p] != '*') {
      ++p;
      ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (star != std::string_view::npos) {
      // The last star swallows one more character.
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool has_wildcard(std::string_view pattern) noexcept {
  return pattern.find_first_of("*?") != std::string_view::npos;
}

bool takes_out_of_scope(std::string_view pattern) noexcept {
  return pattern.starts_with('!');
}

namespace {

constexpr std::string_view all = "*";

bool is_all(std::string_view pattern) noexcept {
  return !pattern.empty() && pattern.find_first_not_of('*') == std::string_view::npos;
}

}  // namespace

Scope::Scope(const std::vector<std::string>& patterns, Shard shard) : shard_(shard) {
  for (const std::string& pattern : patterns) {
    const bool takes_out = takes_out_of_scope(pattern);
    const std::size_t slash = pattern.find('/');
    const std::size_t begin = takes_out ? 1 : 0;
    patterns_.push_back(
        {pattern.substr(begin, slash - begin), pattern.substr(slash + 1), takes_out});
  }
  const bool only = !patterns_.empty() && std::ranges::all_of(patterns_, &Pattern::takes_out);
  if (only) patterns_.insert(patterns_.begin(), {std::string(all), std::string(all)});
}

bool Scope::bucket_matches(const Pattern& pattern, std::string_view bucket) noexcept {
  if (pattern.takes_out) return glob_match(pattern.bucket, bucket);
  // `default` is each user's own alias, the other bucket holds the checkpoints.
  if (bucket == "default" || bucket == checkpoint_bucket) return false;
  if (bucket.starts_with(selftest_prefix) && !pattern.bucket.starts_with(selftest_prefix)) {
    return false;
  }
  return glob_match(pattern.bucket, bucket);
}

bool Scope::contains(const CollectionId& id) const {
  return matches(id) && (shard_.is_all() || shard_.owns(id.str()));
}

bool Scope::owns_bucket(std::string_view bucket) const noexcept {
  return shard_.owns(bucket);
}

bool Scope::matches(const CollectionId& id) const noexcept {
  // The last one that matches decides.
  const auto decides =
      std::find_if(patterns_.rbegin(), patterns_.rend(), [&id](const Pattern& pattern) {
        return bucket_matches(pattern, id.bucket) && glob_match(pattern.collection, id.collection);
      });
  return decides != patterns_.rend() && !decides->takes_out;
}

bool Scope::is_void(const Pattern& pattern, std::string_view bucket) const noexcept {
  const auto later = patterns_.begin() + (&pattern - patterns_.data()) + 1;
  return std::any_of(later, patterns_.end(), [&pattern, bucket](const Pattern& other) {
    // Of other pairs of globs it is not asked whether one covers the other.
    const bool covers = is_all(other.collection) || other.collection == pattern.collection;
    return other.takes_out && covers && bucket_matches(other, bucket);
  });
}

std::vector<CollectionId> Scope::named() const {
  std::vector<CollectionId> out;
  for (const Pattern& pattern : patterns_) {
    CollectionId id(pattern.bucket, pattern.collection);
    const bool plain = !has_wildcard(id.bucket) && !has_wildcard(id.collection);
    if (plain && !pattern.takes_out && matches(id) && std::ranges::find(out, id) == out.end()) {
      out.push_back(std::move(id));
    }
  }
  return out;
}

std::vector<std::string> Scope::named_buckets() const {
  std::vector<std::string> out;
  for (const Pattern& pattern : patterns_) {
    const std::string& bucket = pattern.bucket;
    const bool listed =
        !pattern.takes_out && !has_wildcard(bucket) && has_wildcard(pattern.collection);
    if (!listed || !bucket_matches(pattern, bucket) || is_void(pattern, bucket)) continue;
    if (std::ranges::find(out, bucket) == out.end()) out.push_back(bucket);
  }
  return out;
}

bool Scope::needs_bucket_list() const noexcept {
  return std::ranges::any_of(patterns_, [](const Pattern& pattern) {
    return !pattern.takes_out && has_wildcard(pattern.bucket);
  });
}

bool Scope::touches(std::string_view bucket) const noexcept {
  return std::ranges::any_of(patterns_, [bucket](const Pattern& pattern) {
    return !pattern.takes_out && bucket_matches(pattern, bucket);
  });
}

bool Scope::may_hold(std::string_view bucket) const noexcept {
  return std::ranges::any_of(patterns_, [this, bucket](const Pattern& pattern) {
    return !pattern.takes_out && has_wildcard(pattern.bucket) && bucket_matches(pattern, bucket) &&
           !is_void(pattern, bucket);
  });
}

bool Scope::covers_buckets() const noexcept {
  return std::ranges::any_of(patterns_, [](const Pattern& pattern) {
    return !pattern.takes_out && is_all(pattern.collection);
  });
}

bool Scope::covers_bucket(std::string_view bucket) const noexcept {
  // From the end: the first that takes anything out of it ends the search.
  for (auto pattern = patterns_.rbegin(); pattern != patterns_.rend(); ++pattern) {
    if (!bucket_matches(*pattern, bucket)) continue;
    if (pattern->takes_out) return false;
    if (is_all(pattern->collection)) return true;
  }
  return false;
}

}  // namespace kinto_mirror::sync
