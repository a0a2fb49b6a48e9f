#include "sync/decide/pauses.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

Result<void> Pauses::pause(const std::vector<std::string>& patterns) {
  return say(patterns, "");
}

Result<void> Pauses::resume(const std::vector<std::string>& patterns) {
  return say(patterns, "!");
}

Result<void> Pauses::say(const std::vector<std::string>& patterns, std::string_view before) {
  std::vector<std::string> words = words_;
  for (const std::string& pattern : patterns) {
    const std::string other = before.empty() ? "!" + pattern : pattern;
    std::erase_if(words, [&](const std::string& word) { return word == pattern || word == other; });
    // What means all makes everything before it void.
    if (pattern == "*/*") words.clear();
    words.push_back(std::string(before) + pattern);
  }
  // A list of only such would begin with everything.
  const auto first = std::ranges::find_if_not(words, takes_out_of_scope);
  words.erase(words.begin(), first);
  if (words.size() > most) {
    return Error(Errc::rejected, "more than " + std::to_string(most) +
                                     " patterns would be remembered; resume all, and pause anew by "
                                     "patterns that hold more");
  }
  words_ = std::move(words);
  scope_ = Scope(words_);
  return success();
}

bool Pauses::holds(const CollectionId& id) const noexcept {
  return any() && scope_.matches(id);
}

bool Pauses::holds_bucket(std::string_view bucket) const noexcept {
  return any() && scope_.covers_bucket(bucket);
}

}  // namespace kinto_mirror::sync
