#pragma once
// Changes inside the overlap that are known to be on the replica. Pure.

#include "base/types.hpp"

#include <cstddef>
#include <string>
#include <unordered_map>

namespace kinto_mirror::sync {

// Each poll reads the overlap again; what is remembered need not be looked up again. Forgetting is
// harmless: the replica is asked then.
class Remembered {
 public:
  static constexpr std::size_t max_held = 50'000;

  void add(const std::string& id, Stamp stamp) {
    if (held_.size() < max_held || held_.contains(id)) held_[id] = stamp;
  }
  [[nodiscard]] bool holds(const std::string& id, Stamp stamp) const {
    const auto held = held_.find(id);
    return held != held_.end() && held->second == stamp;
  }
  // The next poll reads from `cursor`, exclusively.
  void forget_up_to(Stamp cursor) {
    std::erase_if(held_, [cursor](const auto& held) { return held.second <= cursor; });
  }
  void clear() { held_.clear(); }
  [[nodiscard]] std::size_t size() const noexcept { return held_.size(); }

 private:
  std::unordered_map<std::string, Stamp> held_;
};

}  // namespace kinto_mirror::sync
