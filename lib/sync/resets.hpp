#pragma once
// What an audit's findings say of a server that was emptied, restored or replaced. Pure.

#include "sync/checkpoint.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

// What an audit saw, beside what was before it.
struct Seen {
  Stamp etag;                    // of the master
  std::int64_t master_live = 0;  // records of the master
  std::int64_t survivors = 0;    // that the replica has had since then, and the master still has
  std::int64_t lost = 0;         // that the master has had since then, and the replica has not
  // By how many the replica's own count has fallen since then; nothing where that is not known.
  std::optional<std::int64_t> replica_fell;
};

// One sentence for each reset; nothing where none can be told, as at the first audit.
std::vector<std::string> resets(const Before& before, const Seen& seen);

}  // namespace kinto_mirror::sync
