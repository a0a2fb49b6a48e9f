#pragma once
// What the replica's answers to single writes lead to.

#include "sync/decide/applied.hpp"
#include "sync/decide/next_step.hpp"
#include "sync/decide/stamp_run.hpp"
#include "sync/pass_context.hpp"

#include <optional>
#include <vector>

namespace kinto_mirror::sync {

// A write that met another version than was thought, and that version (nothing: none).
struct Replan {
  Write write;
  std::optional<Known> known;
};

// Success where the server shows everything of the collection now. Asked again as long as the
// replica, which is to be written to next, asks for peace: a right may be lost meanwhile.
ResultTask<void> shows_everything_now(const PassContext& context, kinto::Server& server,
                                      CollectionId collection);

// Of one collection of one replica, for one pass: shared by its batches. One executor; `context`
// outlives it.
class Outcomes {
 public:
  Outcomes(const PassContext& context, CollectionId collection);

  // Carries out what next_step.hpp says is to be done about the answer to `write`; may send it
  // again, alone. An error ends the pass.
  ResultTask<void> take(Write write, Outcome outcome, std::vector<Replan>& replans);

  // Quarantine. An error where so many in a row are refused with 5xx that it is the server.
  ResultTask<void> refuse(const Write& write, const Outcome& outcome);

  // True when the replica works (again), false when it stayed broken for as long as we are patient.
  ResultTask<bool> recovers();

  // The error with which such an answer ends a pass.
  [[nodiscard]] Error ended(const Write& write, const Outcome& outcome) const;

  // Success where a DELETE and a PUT of a record may follow at once: whoever may write single
  // records only could delete one, and not create it again. A yes holds for half a second, unless
  // the replica asks for peace. (That the right is lost just then nothing in Kinto can prevent.)
  ResultTask<void> may_recreate();

  // Gives a write that asks for a stamp the one to ask for.
  void place(Write& write);

  [[nodiscard]] bool holds_stamps_once() const;

  Applied applied;

 private:
  // Settled: nothing. Else the answer to another try.
  using Next = std::optional<Outcome>;

  // A DELETE and a PUT of it are two requests, the first of which stands whatever becomes of the
  // other.
  [[nodiscard]] bool goes_in_parts(const Write& write) const;
  ResultTask<Next> send_alone(const Write& write);
  ResultTask<Next> place_anew(Write& write, int clashes);
  ResultTask<Next> replace_attachment(Write& write, const Outcome& refused,
                                      std::vector<Replan>& replans);

  const PassContext& context_;
  CollectionId collection_;
  StampRun run_;
  std::optional<Instant> may_recreate_since_;  // the last yes was asked for then
  int failing_in_a_row_ = 0;
};

}  // namespace kinto_mirror::sync
