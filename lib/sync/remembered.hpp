#pragma once
// Changes inside the overlap that are known to be on the replica. Pure.

#include "sync/plan.hpp"

#include <cstddef>
#include <string>
#include <unordered_map>

namespace kinto_mirror::sync {

// Each poll reads the overlap again; what is remembered need not be looked up again. Forgetting is
// harmless: the replica is asked then.
class Remembered {
 public:
  static constexpr std::size_t max_held = 50'000;

  void add(const Change& change) {
    if (held_.size() < max_held || held_.contains(change.id)) {
      held_[change.id] = Known{change.stamp, change.tombstone};
    }
  }
  // This very version; a record may be created anew with the stamp of its own tombstone.
  [[nodiscard]] bool holds(const std::string& id, Known version) const {
    const auto held = held_.find(id);
    return held != held_.end() && held->second == version;
  }
  // The next poll reads from `cursor`, exclusively.
  void forget_up_to(Stamp cursor) {
    std::erase_if(held_, [cursor](const auto& held) { return held.second.stamp <= cursor; });
  }
  void clear() { held_.clear(); }
  [[nodiscard]] std::size_t size() const noexcept { return held_.size(); }

 private:
  std::unordered_map<std::string, Known> held_;
};

}  // namespace kinto_mirror::sync
