#pragma once
// A collection of which everything is known, for the tests of what decides about it.

#include "sync/decide/collection_state.hpp"

#include <cstdint>

namespace kinto_mirror::sync::test {

inline Instant moment(std::int64_t ms) {
  return Instant(Millis(ms));
}

inline const Instant now = moment(100'000);

// Of 200 records.
inline Checkpoint checkpoint_at(std::int64_t etag) {
  Checkpoint checkpoint;
  checkpoint.etag = Stamp{etag};
  checkpoint.cursor = Stamp{etag - 60};
  checkpoint.live = 200;
  return checkpoint;
}

// Compared at ETag 500 with 200 records, and 205 on the replica; its next audit is due in a minute.
inline CollectionState compared() {
  CollectionState state;
  state.stored = state.checkpoint = checkpoint_at(500);
  step(state, ChainEvent::confirmed);
  state.audit_at = now + Millis{60'000};
  state.replica.live = 205;
  state.replica.tell(5);
  return state;
}

}  // namespace kinto_mirror::sync::test
