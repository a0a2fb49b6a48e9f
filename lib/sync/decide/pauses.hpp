#pragma once
// What an operator has stopped for now. Plain data and its rule.

#include "base/error.hpp"
#include "base/types.hpp"
#include "sync/decide/scope.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::sync {

// The last word that matches a collection counts, as in Scope: after pause("a/*"), resume("a/b"),
// a/b is followed and the rest of the bucket is not, a collection that is made later neither.
class Pauses {
 public:
  // Words that are remembered; each is taken once.
  static constexpr std::size_t most = 100;

  // REQUIRES: of each pattern, as of Scope. Errors: rejected, where there would be too many words.
  Result<void> pause(const std::vector<std::string>& patterns);
  Result<void> resume(const std::vector<std::string>& patterns);

  [[nodiscard]] bool any() const noexcept { return !words_.empty(); }
  [[nodiscard]] bool holds(const CollectionId& id) const noexcept;
  // The bucket as a whole, what it may hold one day too.
  [[nodiscard]] bool holds_bucket(std::string_view bucket) const noexcept;

 private:
  Result<void> say(const std::vector<std::string>& patterns, std::string_view before);

  std::vector<std::string> words_;  // none, or one that pauses first
  Scope scope_{{}};                 // of these
};

}  // namespace kinto_mirror::sync
