#pragma once
// Carries batches of writes to the replica, and each of them to an end.

#include "sync/write/outcomes.hpp"

#include <deque>
#include <optional>
#include <vector>

namespace kinto_mirror::sync {

// How a pass ends where the stop is requested before all is sent.
Error stopped_writing();

// Of one collection of one replica, for one pass. One executor; `context` and `outcomes` outlive
// it.
class Delivery {
 public:
  using Batch = std::vector<Write>;

  Delivery(const PassContext& context, CollectionId collection, Outcomes& outcomes);

  // What the master has newer than this comes with the next poll; see Applier::set_horizon().
  std::optional<Stamp> horizon;

  // Returns when each write is carried out, refused or left. An error ends the pass.
  ResultTask<void> carry(Batch batch);

 private:
  using Chunks = std::deque<Batch>;

  ResultTask<std::vector<Replan>> send(Batch batch);
  ResultTask<void> send_front(Chunks& chunks, std::vector<Replan>& replans);
  ResultTask<void> take_failure(Chunks& chunks, const Error& error, Outcome outcome);
  ResultTask<void> refuse_front(Chunks& chunks, const Error& error, Outcome outcome);
  ResultTask<void> suspect(const Write& write, const Outcome& outcome, Refuser by);
  Task<bool> another_passes();

  const PassContext& context_;
  CollectionId collection_;
  Outcomes& outcomes_;
  bool others_pass_ = false;  // what turned a batch away lets other writes of the collection pass
  std::vector<kinto::Subrequest> probes_;  // see harmless_writes()
};

}  // namespace kinto_mirror::sync
