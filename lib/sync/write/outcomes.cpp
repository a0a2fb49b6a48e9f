// What the applier makes of the replica's answers.

#include "kinto/status.hpp"
#include "sync/decide/batching.hpp"
#include "sync/decide/chunks.hpp"
#include "sync/write/applier.hpp"
#include "sync/write/containers.hpp"
#include "sync/write/free_stamps.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

namespace {

// So many records refused with 5xx in a row are a failing server, not so many bad records.
constexpr int max_failing_in_a_row = 10;
// Free stamps that are tried for one record: others may take them first.
constexpr int max_clashes = 8;
constexpr int service_unavailable = 503;

// A firewall that minds a record says so in words of its own, with whatever status, or cuts the
// connection. (What comes too fast is refused with 429 or 5xx, which is no record's fault.)
bool may_be_in_front(const Error& error) noexcept {
  if (error.slow || error.code == Errc::overloaded || error.code == Errc::too_large) return false;
  return error.in_front || error.code == Errc::turned_away || error.code == Errc::unreachable;
}

// One of several front ends may refuse whatever comes, and the others nothing; and all of them may,
// for a moment. (What was tried again until the patience was at an end has met all of that.)
int tries_alone(const Error& error, bool in_front) noexcept {
  return in_front && error.code != Errc::unreachable ? 4 : 2;
}

// Before the next of these: 100 ms, 200 ms, 400 ms.
Millis pause_after(int tries) noexcept {
  return Millis{50} * (1 << tries);
}

}  // namespace

// The request as a whole failed: the cause is the server, or one of the records.
ResultTask<bool> Applier::send_failed(std::deque<Batch>& chunks, const Error& error,
                                      Outcome outcome) {
  const bool in_front = may_be_in_front(error);
  const bool maybe_a_record = in_front || error.code == Errc::failing ||
                              error.code == Errc::rejected || error.code == Errc::too_large ||
                              error.code == Errc::conflict || error.slow;
  if (!maybe_a_record) co_return error;
  if (in_front) {
    const bool others = co_await others_pass(error);
    if (!others) co_return error;
  }
  // Too slow is what a server that hangs looks like too.
  if (error.code == Errc::failing || error.slow) {
    auto recovered = co_await recovers();
    if (!recovered) co_return recovered.error();
    if (!*recovered) co_return error;
  }
  if (split_front(chunks)) co_return true;
  if (error.slow) co_return error;
  Write& alone = chunks.front().front();
  const bool by_kinto = !in_front && outcome.status == service_unavailable;
  // Once may have been a bad moment of the server's; twice, while it says it works, is the record.
  const bool again = in_front || (outcome.verdict == Verdict::failing && !by_kinto);
  if (again && ++alone.failed_alone < tries_alone(error, in_front)) {
    // Each such try comes after another write that passed.
    others_pass_ = false;
    if (in_front) co_await context_.clock.sleep(pause_after(alone.failed_alone), context_.stop);
    co_return true;
  }
  if (in_front || by_kinto) {
    auto blamed = co_await blame(alone, outcome, in_front ? Refuser::in_front : Refuser::kinto);
    if (!blamed) co_return blamed.error();
  }
  if (error.code == Errc::too_large) {
    outcome.message += "; the record takes " + std::to_string(alone.bytes()) +
                       " bytes: raise what the replica, or what stands before it, takes at once";
  }
  const Write write = std::move(alone);
  chunks.pop_front();
  auto refused = co_await refuse(write, outcome);
  if (!refused) co_return refused.error();
  co_return true;
}

// Whether the replica, and what stands in front of it, take other writes of the collection now.
Task<bool> Applier::others_pass(const Error& error) {
  if (error.code == Errc::unreachable) {
    const bool there = co_await context_.replica.healthy();
    if (!there) co_return false;
  } else if (others_pass_) {
    co_return true;
  }
  others_pass_ = co_await another_passes();
  co_return others_pass_;
}

Task<bool> Applier::another_passes() {
  if (probes_.empty()) probes_ = co_await harmless_writes(context_.replica, collection_);
  co_return co_await lets_pass(context_.replica, probes_);
}

// Success where a 503, or a refusal in front of the replica, is the record's own fault: an earlier
// pass met it too, and other writes are taken now. Else the pass ends, before anything newer is
// written.
ResultTask<void> Applier::blame(const Write& write, const Outcome& outcome, Refuser by) {
  Suspects& suspects = context_.traits.suspects;
  Error held_up = ended(write, outcome);
  held_up.code = Errc::held_up;
  held_up.message += "; nothing newer of this collection is written before it";
  if (!suspects.met(collection_, write.change.id, by, context_.clock.now())) co_return held_up;
  bool others = false;
  if (by == Refuser::kinto) {
    others = co_await takes_writes(context_.replica);
  } else {
    others = co_await another_passes();
  }
  if (!others) co_return held_up;
  suspects.proven(by, context_.clock.now());
  co_return success();
}

ResultTask<void> Applier::take_outcomes(Batch chunk, const std::vector<Outcome>& outcomes,
                                        std::vector<Replan>& replans) {
  for (std::size_t i = 0; i < chunk.size(); ++i) {
    Outcome outcome = outcomes[i];
    auto taken = co_await take_outcome(std::move(chunk[i]), std::move(outcome), replans);
    if (!taken) co_return taken.error();
  }
  co_return success();
}

ResultTask<void> Applier::take_outcome(Write write, Outcome outcome, std::vector<Replan>& replans) {
  if (outcome.verdict != Verdict::failing) failing_in_a_row_ = 0;
  if (outcome.verdict == Verdict::applied || outcome.verdict == Verdict::already) {
    context_.traits.suspects.cleared(collection_, write.change.id);
  }
  switch (outcome.verdict) {
    case Verdict::applied:
      count(write);
      break;
    case Verdict::already:
      // An earlier try of ours may have been carried out although it was answered otherwise.
      if (write.sent > 1) {
        count(write);
      } else {
        ++applied_.already;
      }
      break;
    case Verdict::replan:
      write.accepted = outcome.status < 300;
      write.permissions = std::move(outcome.permissions);
      if (write.accepted) {
        count(write);
        write.counted = true;
      }
      replans.emplace_back(std::move(write), outcome.replica);
      break;
    case Verdict::clash:
      co_return co_await clash(std::move(write), replans);
    case Verdict::refused:
      if (refuses_attachment(write, outcome)) {
        co_return co_await replace_attachment(std::move(write), std::move(outcome), replans);
      }
      co_return co_await refuse(write, outcome);
    case Verdict::failing: {
      auto recovered = co_await recovers();
      if (!recovered) co_return recovered.error();
      if (!*recovered) co_return ended(write, outcome);
      leave(write);
      break;
    }
    case Verdict::turned_away:
    case Verdict::no_right:
    case Verdict::no_container:
    case Verdict::read_only:
      co_return ended(write, outcome);
  }
  co_return success();
}

// A single write met a taken stamp, or somebody who created the record at the same moment. The
// first repetition tells which: a record that exists answers 412. Else the next free stamp, unless
// the record stands there already.
ResultTask<void> Applier::clash(Write write, std::vector<Replan>& replans) {
  // Sent one by one, the DELETE stands although the PUT was refused.
  if (write.action == Action::recreate && goes_alone(write, collection_)) {
    write.action = Action::create;
  }
  for (int tries = 0; tries < max_clashes; ++tries) {
    if (tries > 0) {
      context_.traits.holds_stamps_once = true;
      auto meant = co_await stands_as_meant(write);
      if (!meant) co_return meant.error();
      if (*meant) {
        ++applied_.already;
        co_return success();
      }
      auto free = co_await next_free(context_.replica, collection_, write.placed);
      if (!free) co_return free.error();
      write.placed = *free;
      if (run_begin_ <= write.change.stamp && write.change.stamp <= run_end_) {
        run_end_ = std::max(run_end_, write.placed);
      }
    }
    Batch alone;
    alone.push_back(write);
    auto answers = co_await context_.replica.send(subrequests_of(alone, collection_));
    if (!answers) co_return answers.error();
    Outcome outcome = classify(write, *answers);
    if (outcome.verdict != Verdict::clash) {
      co_return co_await take_outcome(std::move(write), std::move(outcome), replans);
    }
  }
  leave(write);  // no fault of the record: the next pass tries again
  co_return success();
}

// The drift that `write` would repair is meant: the replica holds each stamp once, and the record
// has the next free one. (A memory replica bumps a stamp that equals its ETag, which looks the same
// and can be repaired, so that only a clash proves it.)
ResultTask<bool> Applier::stands_as_meant(const Write& write) const {
  if (!holds_stamps_once() || write.action != Action::recreate) co_return false;
  co_return co_await stands_at_next_free(context_.replica, collection_, write.change.stamp,
                                         write.guard());
}

// True when the server works (again), false when it stayed broken for as long as we are patient.
ResultTask<bool> Applier::recovers() {
  const kinto::RetryPolicy& policy = context_.replica.config().retry;
  const Instant give_up = context_.clock.now() + policy.patience;
  for (int tries = 2;; ++tries) {
    if (context_.replica.closed_for() > policy.patience) co_return false;
    const bool healthy = co_await context_.replica.healthy();
    if (healthy) co_return true;
    if (context_.stop.requested())
      co_return Error(Errc::stopped, "stopped while the replica fails");
    const Millis wait = kinto::backoff_delay(policy, tries, 0);
    if (context_.clock.now() + wait > give_up) co_return false;
    co_await context_.clock.sleep(wait, context_.stop);
  }
}

void Applier::count(const Write& write) {
  if (write.counted) return;
  if (write.action != Action::remove && write.placed != write.change.stamp) ++applied_.beside;
  switch (write.action) {
    case Action::create:
      ++applied_.created;
      break;
    case Action::update:
    case Action::recreate:
      ++applied_.updated;
      break;
    case Action::remove:
      ++applied_.deleted;
      break;
    case Action::none:
    case Action::recheck:
      break;
  }
}

void Applier::leave(const Write& write) {
  constexpr std::size_t shown = 5;
  if (applied_.left.size() < shown) applied_.left.push_back(write.change.id);
  switch (write.action) {
    case Action::create:
      ++applied_.left_missing;
      break;
    case Action::remove:
      ++applied_.left_undeleted;
      break;
    default:
      ++applied_.left_different;
  }
}

ResultTask<void> Applier::refuse(const Write& write, const Outcome& outcome) {
  if (outcome.verdict == Verdict::failing && ++failing_in_a_row_ >= max_failing_in_a_row) {
    if (const bool writable = co_await takes_writes(context_.replica); !writable) {
      Error error = ended(write, outcome);
      error.message += "; " + std::to_string(failing_in_a_row_) + " records in a row met this";
      co_return error;
    }
    failing_in_a_row_ = 0;
  }
  leave(write);
  Refusal refusal;
  refusal.id = write.change.id;
  refusal.stamp = write.change.stamp;
  refusal.status = outcome.status;
  refusal.reason = outcome.message;
  refusal.lacking = write.action == Action::create;
  context_.observer.quarantined(context_.replica.config().name, collection_, refusal);
  applied_.refused.push_back(std::move(refusal));
  co_return success();
}

Error Applier::ended(const Write& write, const Outcome& outcome) const {
  Errc code = kinto::code_of_status(outcome.status);
  if (outcome.verdict == Verdict::failing) code = Errc::failing;
  if (outcome.verdict == Verdict::turned_away) code = Errc::turned_away;
  const kinto::ServerConfig& server = context_.replica.config();
  // Without a status of a refusal, the message tells what happened instead.
  const std::string why =
      outcome.status >= 400 ? kinto::said(outcome.status, outcome.message) : outcome.message;
  return {code,
          server.name + " " + server.url + ": writing record " + collection_.str() + "/" +
              write.change.id + ": " + why,
          outcome.status};
}

}  // namespace kinto_mirror::sync
