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

Scope::Scope(const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    const std::size_t slash = pattern.find('/');
    patterns_.push_back({pattern.substr(0, slash), pattern.substr(slash + 1)});
  }
}

bool Scope::bucket_matches(const Pattern& pattern, std::string_view bucket) noexcept {
  // `default` is each user's own alias, the other bucket holds the checkpoints.
  if (bucket == "default" || bucket == checkpoint_bucket) return false;
  if (bucket.starts_with(selftest_prefix) && !pattern.bucket.starts_with(selftest_prefix)) {
    return false;
  }
  return glob_match(pattern.bucket, bucket);
}

bool Scope::contains(const CollectionId& id) const noexcept {
  return std::ranges::any_of(patterns_, [&id](const Pattern& pattern) {
    return bucket_matches(pattern, id.bucket) && glob_match(pattern.collection, id.collection);
  });
}

std::vector<CollectionId> Scope::named() const {
  std::vector<CollectionId> out;
  for (const Pattern& pattern : patterns_) {
    CollectionId id(pattern.bucket, pattern.collection);
    const bool plain = !has_wildcard(id.bucket) && !has_wildcard(id.collection);
    if (plain && contains(id) && std::ranges::find(out, id) == out.end()) {
      out.push_back(std::move(id));
    }
  }
  return out;
}

std::vector<std::string> Scope::named_buckets() const {
  std::vector<std::string> out;
  for (const Pattern& pattern : patterns_) {
    const bool listed = !has_wildcard(pattern.bucket) && has_wildcard(pattern.collection);
    if (listed && bucket_matches(pattern, pattern.bucket)) out.push_back(pattern.bucket);
  }
  return out;
}

bool Scope::needs_bucket_list() const noexcept {
  return std::ranges::any_of(patterns_,
                             [](const Pattern& pattern) { return has_wildcard(pattern.bucket); });
}

bool Scope::covers_bucket(std::string_view bucket) const noexcept {
  return std::ranges::any_of(patterns_, [bucket](const Pattern& pattern) {
    return pattern.collection == "*" && bucket_matches(pattern, bucket);
  });
}

bool Scope::covers_buckets() const noexcept {
  return std::ranges::any_of(patterns_,
                             [](const Pattern& pattern) { return pattern.collection == "*"; });
}

bool Scope::may_hold(std::string_view bucket) const noexcept {
  return std::ranges::any_of(patterns_, [bucket](const Pattern& pattern) {
    return has_wildcard(pattern.bucket) && bucket_matches(pattern, bucket);
  });
}

}  // namespace kinto_mirror::sync
