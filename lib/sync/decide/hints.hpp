#pragma once
// What the master's history tells of a bucket between two rounds. A hint: whoever believes it asks
// all the same, in turns. Pure.

#include "base/clock.hpp"
#include "kinto/server.hpp"

#include <optional>

namespace kinto_mirror::sync {

// Of one bucket. It says that nothing happened only where two answers in a row are one: nothing is
// newer, at the ETag of before. Anything else (no right, a flush, a restored server) says nothing.
// One that has kept a change to itself is not believed for an hour: a collection may be exempt.
class Hint {
 public:
  // What is asked: what is newer than this. `at_first`: before there was an answer.
  [[nodiscard]] Stamp since(Stamp at_first) const noexcept { return etag_.value_or(at_first); }

  // Null: it did not answer.
  void take(const kinto::Recent* answer, Instant now);

  // A count that was asked later than the last answer has moved: the next one must tell of it.
  void owes() noexcept { owes_ = true; }

  // Nothing happened in the bucket between the last two answers.
  [[nodiscard]] bool quiet() const noexcept { return quiet_; }

 private:
  std::optional<Stamp> etag_;  // of the last answer
  bool quiet_ = false;
  bool owes_ = false;
  Instant believed_from_{};
};

}  // namespace kinto_mirror::sync
