#pragma once
// What must be written to the replica for one change of the master. Pure.

#include "base/types.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>

namespace kinto_mirror::sync {

// A record or tombstone as the master has it.
struct Change {
  std::string id;
  Stamp stamp;
  bool tombstone = false;
};

// What the replica holds under the same id.
struct Known {
  Stamp stamp;
  bool tombstone = false;

  bool operator==(const Known&) const = default;
};

enum class Action {
  none,      // the replica already says the same
  create,    // If-None-Match: *
  update,    // If-Match: the stamp that the replica holds
  remove,    // a DELETE, If-Match likewise
  recreate,  // DELETE and PUT in one batch: a PUT cannot lower a stamp (hazard 10)
  recheck,   // the replica is ahead of what we know: ask the master again before touching it
};

// How sure we are that `change` is what the master says now.
enum class Knowledge {
  listed,     // read some time ago, and others may have replicated something newer since
  confirmed,  // asked just now because the replica was ahead: the replica's stamp is a drift
};

// `replica` is nothing when it holds neither record nor tombstone.
// A replica that is ahead of a listed change gives `recheck`, never an overwrite nor a record in
// the place of a newer tombstone: another daemon may have brought it what the master wrote
// meanwhile (hazards 9 and 42).
Action plan(const Change& change, const std::optional<Known>& replica,
            Knowledge knowledge = Knowledge::listed) noexcept;

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
