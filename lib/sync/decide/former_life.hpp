#pragma once
// Which of its deletions a collection that exists has to be followed in. Pure.

#include "base/types.hpp"
#include "sync/decide/checkpoint.hpp"

#include <optional>

namespace kinto_mirror::sync {

// What the master's history says of a collection that exists.
struct FormerLife {
  // The history was shown. Else it proves nothing, and may tell another time.
  bool told = false;
  // The stamp at which the collection was deleted the last time before it was made anew; nothing:
  // never.
  std::optional<Stamp> ended;
};

// Up to which stamp records that the master has not are of a former life, and go; nothing: none.
//
// A deletion of before the last comparison was followed then, and what came beside it since is the
// replica's own. (Polls do not look for deletions, though they move the ETag.) But it was not where
// that comparison was not told of it.
std::optional<Stamp> to_follow(const Before& before, const FormerLife& former) noexcept;

}  // namespace kinto_mirror::sync
