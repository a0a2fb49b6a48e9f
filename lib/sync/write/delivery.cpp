#include "sync/write/delivery.hpp"

#include "kinto/reply.hpp"
#include "sync/decide/batching.hpp"
#include "sync/write/containers.hpp"
#include "sync/write/replan.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::sync {

namespace {

// How often one record may turn out to be something else before it is left to the next pass.
constexpr int max_rounds = 5;

bool deletes_by_tombstone(const Write& write) noexcept {
  return write.action == Action::remove && !write.for_lack;
}

// What a request that failed as a whole means for each of its writes.
Outcome outcome_of(const Error& error) {
  Outcome whole;
  whole.verdict = error.code == Errc::failing ? Verdict::failing : Verdict::refused;
  whole.status = error.status;
  whole.message = error.message;
  return whole;
}

}  // namespace

Error stopped_writing() {
  return {Errc::stopped, "stopped before all was written"};
}

Delivery::Delivery(const PassContext& context, CollectionId collection, Outcomes& outcomes)
    : context_(context), collection_(std::move(collection)), outcomes_(outcomes) {}

ResultTask<void> Delivery::carry(Batch batch) {
  for (int round = 0; round < max_rounds && !batch.empty(); ++round) {
    auto replans = co_await send(std::move(batch));
    if (!replans) co_return replans.error();
    auto again =
        co_await replan(context_, collection_, horizon, outcomes_.applied, std::move(*replans));
    if (!again) co_return again.error();
    batch = std::move(*again);
  }
  for (const Write& write : batch) outcomes_.applied.leave(write);
  co_return success();
}

ResultTask<std::vector<Replan>> Delivery::send(Batch batch) {
  std::vector<Replan> replans;
  std::erase_if(batch, [&replans](Write& write) {
    if (write.action != Action::recheck) return false;
    const std::optional<Known> known = write.replica;
    replans.push_back({std::move(write), known});
    return true;
  });
  // A live record with a member `deleted` is told from a tombstone by a second listing, which would
  // leave it out as well if the right to see it were lost between the two.
  if (std::ranges::any_of(batch, deletes_by_tombstone)) {
    auto whole = co_await shows_everything_now(context_, context_.master, collection_);
    if (!whole) co_return whole.error();
  }
  Chunks chunks = into_chunks(std::move(batch), context_.replica.batch_max_requests(), collection_);
  while (!chunks.empty()) {
    if (context_.stop.requested()) co_return stopped_writing();
    auto sent = co_await send_front(chunks, replans);
    if (!sent) co_return sent.error();
  }
  co_return replans;
}

// Sends the chunk in front and takes it away, or puts its halves in its place.
ResultTask<void> Delivery::send_front(Chunks& chunks, std::vector<Replan>& replans) {
  split_to(chunks, context_.replica.most_bytes());
  const auto recreates = [](const Write& write) { return write.action == Action::recreate; };
  if (std::ranges::any_of(chunks.front(), recreates)) {
    auto may = co_await outcomes_.may_recreate();
    if (!may) co_return may.error();
  }
  for (Write& write : chunks.front()) ++write.sent;
  // What may break a request shares none.
  const Write& front = chunks.front().front();
  const bool alone = front.suspect || front.failed_alone > 0;
  const auto company = alone ? kinto::Server::Company::none : kinto::Server::Company::any;
  auto answers =
      co_await context_.replica.send(subrequests_of(chunks.front(), collection_), company);
  if (!answers) {
    co_return co_await take_failure(chunks, answers.error(), outcome_of(answers.error()));
  }
  std::vector<Outcome> outcomes = outcomes_of(chunks.front(), *answers);
  // PostgreSQL has undone what came before a clash in the batch (hazard 13), so none of it counts.
  if (std::ranges::any_of(outcomes, undoes_batch) && split_front(chunks)) co_return success();
  Outcome& first = outcomes.front();
  if (first.verdict == Verdict::turned_away) {
    if (first.message.empty()) first.message = "without a reason";
    first.message += kinto::in_front;
  }
  if (first.verdict == Verdict::failing || first.verdict == Verdict::turned_away) {
    const Error error = outcomes_.ended(chunks.front().front(), first);
    co_return co_await take_failure(chunks, error, std::move(first));
  }
  Batch chunk = std::move(chunks.front());
  chunks.pop_front();
  for (std::size_t i = 0; i < chunk.size(); ++i) {
    auto taken = co_await outcomes_.take(std::move(chunk[i]), std::move(outcomes[i]), replans);
    if (!taken) co_return taken.error();
  }
  co_return success();
}

// The request as a whole failed: finds out whose fault it is, and does what next_step.hpp says.
ResultTask<void> Delivery::take_failure(Chunks& chunks, const Error& error, Outcome outcome) {
  Failed failed{.error = error, .outcome = outcome, .writes = chunks.front().size()};
  Write& first = chunks.front().front();
  failed.failed_alone = first.failed_alone;
  if (others_pass_ && error.code != Errc::unreachable) failed.others_pass = true;
  for (;;) {
    switch (after(failed)) {
      case AfterFailure::ask_there:
        failed.there = co_await context_.replica.healthy();
        break;
      case AfterFailure::ask_others:
        others_pass_ = co_await another_passes();
        failed.others_pass = others_pass_;
        break;
      case AfterFailure::ask_recovery: {
        const auto recovered = co_await outcomes_.recovers();
        if (!recovered) co_return recovered.error();
        failed.recovers = *recovered;
        break;
      }
      case AfterFailure::halve:
        split_front(chunks);
        co_return success();
      case AfterFailure::again_later:
        ++first.failed_alone;
        others_pass_ = false;  // each such try comes after another write that passed
        co_await context_.clock.sleep(pause_after(first.failed_alone), context_.stop);
        co_return success();
      case AfterFailure::again:
        ++first.failed_alone;
        co_return success();
      case AfterFailure::suspect: {
        const Refuser by = may_be_in_front(error) ? Refuser::in_front : Refuser::kinto;
        const auto blamed = co_await suspect(first, outcome, by);
        if (!blamed) co_return blamed.error();
        co_return co_await refuse_front(chunks, error, std::move(outcome));
      }
      case AfterFailure::refuse:
        co_return co_await refuse_front(chunks, error, std::move(outcome));
      case AfterFailure::give_up:
        co_return error;
    }
  }
}

// Its only write.
ResultTask<void> Delivery::refuse_front(Chunks& chunks, const Error& error, Outcome outcome) {
  const Write write = std::move(chunks.front().front());
  chunks.pop_front();
  if (error.code == Errc::too_large) {
    outcome.message += "; the record takes " + std::to_string(write.bytes()) +
                       " bytes: raise what the replica, or what stands before it, takes at once";
  }
  co_return co_await outcomes_.refuse(write, outcome);
}

// Success where a 503, or a refusal in front of the replica, is the record's own fault: an earlier
// pass met it too, and other writes are taken now. Else the pass ends, before anything newer is
// written.
ResultTask<void> Delivery::suspect(const Write& write, const Outcome& outcome, Refuser by) {
  Suspects& suspects = context_.traits.suspects;
  Error held_up = outcomes_.ended(write, outcome);
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

// Whether the replica, and what stands in front of it, take other writes of the collection now.
Task<bool> Delivery::another_passes() {
  if (probes_.empty()) probes_ = co_await harmless_writes(context_.replica, collection_);
  co_return co_await lets_pass(context_.replica, probes_);
}

}  // namespace kinto_mirror::sync
