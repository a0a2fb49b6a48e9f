#pragma once
// Carries writes to the replica: in batches, in order, each answer looked at.

#include "sync/decide/pace.hpp"
#include "sync/decide/write.hpp"
#include "sync/pass_context.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

struct Applied {
  std::int64_t created = 0;
  std::int64_t updated = 0;
  std::int64_t deleted = 0;
  std::int64_t already = 0;  // somebody else was faster, or it was a replay
  std::int64_t beside = 0;   // of these, the records that stand beside a stamp that was taken
  std::int64_t newer = 0;    // left to the next poll: the master has written them since
  // Not carried out: refused, or changed under our hands more often than we tried.
  std::int64_t left_missing = 0;
  std::int64_t left_different = 0;
  std::int64_t left_undeleted = 0;
  std::vector<std::string> left;  // ids of the first few of these
  std::vector<Refusal> refused;

  [[nodiscard]] bool anything() const noexcept {
    return created + updated + deleted + already + left_missing + left_different + left_undeleted >
           0;
  }

  // Refused records of at most this stamp that the replica has no version of.
  [[nodiscard]] std::int64_t lacking_up_to(Stamp stamp) const noexcept {
    return std::ranges::count_if(
        refused, [stamp](const Refusal& one) { return one.lacking && one.stamp <= stamp; });
  }

  // Everything is on the replica or refused: nothing was left over.
  [[nodiscard]] bool confirmed() const noexcept {
    return left_missing + left_different + left_undeleted ==
           static_cast<std::int64_t>(refused.size());
  }
};

// One collection of one replica, for one pass. After an error nothing more is sent; what was
// applied is counted. REQUIRES: flush() awaited before destruction, whatever add() returned.
class Applier {
 public:
  // `in_flight`: batches at the same time, where that is faster. More than one only where nobody
  // can read yet what is written, since readers count on ascending stamps.
  Applier(const PassContext& context, CollectionId collection, int in_flight);

  // What the master has newer than this comes with the next poll: the ETag of the first page that
  // was read. Without it nothing is left for later.
  void set_horizon(Stamp etag) noexcept { horizon_ = etag; }
  [[nodiscard]] std::optional<Stamp> horizon() const noexcept { return horizon_; }

  // Takes a write; sends when a batch is full. REQUIRES: in ascending order of the change's stamp
  // since the last flush(): readers with `_since` never look below what they have seen (P6). What
  // has none of the master's, or not yet, comes as it is met.
  ResultTask<void> add(Write write);

  // Sends what was added so far and waits until all is settled; `add` may follow.
  ResultTask<void> flush();

  [[nodiscard]] const Applied& applied() const noexcept { return applied_; }

 private:
  using Batch = std::vector<Write>;
  using Replan = std::pair<Write, std::optional<Known>>;

  [[nodiscard]] bool fits(const Write& write) const;
  ResultTask<void> send_batch();
  Task<void> run(Batch batch);
  ResultTask<void> settle(Batch batch);
  ResultTask<std::vector<Replan>> send(Batch batch);
  ResultTask<bool> send_chunk(std::deque<Batch>& chunks, std::vector<Replan>& replans);
  ResultTask<bool> send_failed(std::deque<Batch>& chunks, const Error& error, Outcome outcome);
  Task<bool> others_pass(const Error& error);
  Task<bool> another_passes();
  ResultTask<void> blame(const Write& write, const Outcome& outcome, Refuser by);
  ResultTask<void> take_outcomes(Batch chunk, const std::vector<Outcome>& outcomes,
                                 std::vector<Replan>& replans);
  ResultTask<void> take_outcome(Write write, Outcome outcome, std::vector<Replan>& replans);
  ResultTask<void> replace_attachment(Write write, Outcome refused, std::vector<Replan>& replans);
  ResultTask<void> clash(Write write, std::vector<Replan>& replans);
  [[nodiscard]] bool holds_stamps_once() const;
  void place(Write& write);
  [[nodiscard]] ResultTask<bool> stands_as_meant(const Write& write) const;
  ResultTask<Batch> replan(std::vector<Replan> replans);
  ResultTask<void> recheck(std::vector<Replan> ahead, Batch& again);
  ResultTask<void> allow_recreate(Write& write, const std::set<Stamp>& freed) const;
  ResultTask<bool> recovers();
  ResultTask<void> shows_everything_now(kinto::Server& server);
  void count(const Write& write);
  void leave(const Write& write);
  ResultTask<void> refuse(const Write& write, const Outcome& outcome);
  [[nodiscard]] Error ended(const Write& write, const Outcome& outcome) const;

  const PassContext& context_;
  CollectionId collection_;
  Pace pace_;
  TaskGroup group_;
  Batch gathering_;
  std::size_t gathering_bytes_ = 0;
  std::size_t gathering_requests_ = 0;
  std::optional<Error> error_;
  Applied applied_;
  int failing_in_a_row_ = 0;
  bool others_pass_ = false;  // what turned a batch away lets other writes of the collection pass
  std::vector<kinto::Subrequest> probes_;  // see harmless_writes()
  std::optional<Stamp> horizon_;
  // Where the replica holds each stamp once: those that the latest records of one stamp, or of
  // neighbouring ones, were given.
  Stamp run_begin_;
  Stamp run_end_;
  Stamp newest_added_ = before_all;  // since the last flush
};

}  // namespace kinto_mirror::sync
