#include "sync/write/outcomes.hpp"

#include "kinto/status.hpp"
#include "sync/decide/batching.hpp"
#include "sync/read/visibility.hpp"
#include "sync/write/containers.hpp"
#include "sync/write/free_stamps.hpp"

#include <utility>

namespace kinto_mirror::sync {

namespace {

// So many records refused with 5xx in a row are a failing server, not so many bad records.
constexpr int max_failing_in_a_row = 10;

}  // namespace

ResultTask<void> shows_everything_now(const PassContext& context, kinto::Server& server,
                                      CollectionId collection) {
  constexpr int most = 5;  // each answer may ask for more peace
  for (int tries = 1;; ++tries) {
    auto whole = co_await shows_everything(server, collection, context.clock);
    const Millis rest = context.replica.resting_for();
    if (!whole || rest <= Millis{0} || tries == most || context.stop.requested()) co_return whole;
    co_await context.clock.sleep(rest, context.stop);
  }
}

Outcomes::Outcomes(const PassContext& context, CollectionId collection)
    : context_(context), collection_(std::move(collection)) {}

bool Outcomes::holds_stamps_once() const {
  return context_.traits.holds_stamps_once.value_or(false);
}

ResultTask<void> Outcomes::may_recreate() {
  constexpr Millis holds{500};
  const Instant now = context_.clock.now();
  const bool fresh = may_recreate_since_ && now - *may_recreate_since_ <= holds;
  if (fresh && context_.replica.resting_for() <= Millis{0}) co_return success();
  auto whole = co_await shows_everything_now(context_, context_.replica, collection_);
  if (!whole) co_return whole.error();
  may_recreate_since_ = now;
  co_return success();
}

void Outcomes::place(Write& write) {
  write.placed = run_.place(write.placed, holds_stamps_once());
}

ResultTask<void> Outcomes::take(Write write, Outcome outcome, std::vector<Replan>& replans) {
  int clashes = 0;
  std::optional<bool> working;
  for (;;) {
    if (outcome.verdict != Verdict::failing) failing_in_a_row_ = 0;
    if (outcome.verdict == Verdict::applied || outcome.verdict == Verdict::already) {
      context_.traits.suspects.cleared(collection_, write.change.id);
    }
    Result<Next> next = Next{};
    switch (after(write, outcome, working)) {
      case AfterAnswer::count:
        applied.count(write);
        co_return success();
      case AfterAnswer::already:
        ++applied.already;
        co_return success();
      case AfterAnswer::recheck:
        write.accepted = outcome.status < 300;
        write.outrun = !write.accepted && write.action == Action::update;
        write.permissions = std::move(outcome.permissions);
        write.end_trial();
        if (write.accepted) {
          applied.count(write);
          write.counted = true;
        }
        replans.push_back({std::move(write), outcome.replica});
        co_return success();
      case AfterAnswer::place_anew:
        ++clashes;
        next = co_await place_anew(write, clashes);
        break;
      case AfterAnswer::replace:
        next = co_await replace_attachment(write, outcome, replans);
        break;
      case AfterAnswer::refuse:
        co_return co_await refuse(write, outcome);
      case AfterAnswer::leave:
        applied.leave(write);
        co_return success();
      case AfterAnswer::ask_recovery: {
        const auto recovered = co_await recovers();
        if (!recovered) co_return recovered.error();
        working = *recovered;
        continue;
      }
      case AfterAnswer::give_up:
        co_return ended(write, outcome);
    }
    if (!next) co_return next.error();
    if (!*next) co_return success();
    outcome = std::move(**next);
  }
}

ResultTask<Outcomes::Next> Outcomes::send_alone(const Write& write) {
  if (write.action == Action::recreate) {
    auto may = co_await may_recreate();
    if (!may) co_return may.error();
  }
  std::vector<Write> alone;
  alone.push_back(write);
  auto answers = co_await context_.replica.send(subrequests_of(alone, collection_),
                                                kinto::Server::Company::none);
  if (!answers) co_return answers.error();
  co_return Next{classify(write, *answers)};
}

bool Outcomes::goes_in_parts(const Write& write) const {
  return context_.replica.batch_max_requests() < 2 || goes_alone(write, collection_);
}

// The first clash may have been somebody who created the record at the same moment: the repetition
// tells. Later ones are a stamp that another object has.
ResultTask<Outcomes::Next> Outcomes::place_anew(Write& write, int clashes) {
  // Sent one by one, the DELETE stands although the PUT was refused.
  const bool erased = clashes == 1 && write.action == Action::recreate;
  if (erased && goes_in_parts(write)) write.action = Action::create;
  write.erased_at = {};  // which may be what is taken
  if (clashes > 1) context_.traits.holds_stamps_once = true;
  if (clashes > 1 && write.trial) {
    write.end_trial();
    co_return co_await send_alone(write);
  }
  std::optional<bool> meant;
  for (;;) {
    switch (after_clash(write.action, clashes, meant)) {
      case AfterClash::again:
        co_return co_await send_alone(write);
      case AfterClash::ask_meant: {
        const auto stands = co_await stands_at_next_free(context_.replica, collection_,
                                                         write.change.stamp, write.guard());
        if (!stands) co_return stands.error();
        meant = *stands;
        break;
      }
      case AfterClash::already:
        ++applied.already;
        co_return Next{};
      case AfterClash::move_on: {
        const auto free = co_await next_free(context_.replica, collection_, write.placed);
        if (!free) co_return free.error();
        write.placed = *free;
        run_.pushed(write.change.stamp, write.placed);
        co_return co_await send_alone(write);
      }
      case AfterClash::leave:
        applied.leave(write);
        co_return Next{};
    }
  }
}

// A plain update was refused for its attachment, so that everything else about the record is as the
// replica wants it, and DELETE + PUT in one batch will do. The record's own permissions, which a
// DELETE takes along, are given back.
ResultTask<Outcomes::Next> Outcomes::replace_attachment(Write& write, const Outcome& refused,
                                                        std::vector<Replan>& replans) {
  write.end_trial();
  const bool in_parts = goes_in_parts(write);
  std::optional<kinto::Answer> held;
  for (;;) {
    switch (after_refused_attachment(write, in_parts, held ? &*held : nullptr)) {
      case AfterRefusedAttachment::ask_held: {
        kinto::Subrequest get("GET", kinto::record_path(collection_, write.change.id));
        auto answer = co_await context_.replica.send_patiently(std::move(get));
        if (!answer) co_return answer.error();
        held = std::move(*answer);
        break;
      }
      case AfterRefusedAttachment::count:
        applied.count(write);
        co_return Next{};
      case AfterRefusedAttachment::recheck:
        replans.push_back({std::move(write), Known{*held->stamp, false}});
        co_return Next{};
      case AfterRefusedAttachment::recreate: {
        write.action = Action::recreate;
        write.permissions = held->permissions;
        auto sent = co_await send_alone(write);
        if (sent || sent.error().code != Errc::rejected) co_return sent;
        [[fallthrough]];
      }
      case AfterRefusedAttachment::refuse: {
        const auto done = co_await refuse(write, refused);
        if (!done) co_return done.error();
        co_return Next{};
      }
    }
  }
}

ResultTask<bool> Outcomes::recovers() {
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

ResultTask<void> Outcomes::refuse(const Write& write, const Outcome& outcome) {
  if (outcome.verdict == Verdict::failing && ++failing_in_a_row_ >= max_failing_in_a_row) {
    const bool writable = co_await takes_writes(context_.replica);
    if (!writable) {
      Error error = ended(write, outcome);
      error.message += "; " + std::to_string(failing_in_a_row_) + " records in a row met this";
      co_return error;
    }
    failing_in_a_row_ = 0;
  }
  const Refusal& refusal = applied.refuse(write, outcome);
  context_.observer.quarantined(context_.replica.config().name, collection_, refusal);
  co_return success();
}

Error Outcomes::ended(const Write& write, const Outcome& outcome) const {
  Errc code = kinto::code_of_status(outcome.status);
  if (outcome.verdict == Verdict::failing) code = Errc::failing;
  if (outcome.verdict == Verdict::turned_away) code = Errc::turned_away;
  // Without a status of a refusal, the message tells what happened instead.
  const std::string why =
      outcome.status >= 400 ? kinto::said(outcome.status, outcome.message) : outcome.message;
  return kinto::error_of(context_.replica.config(), code,
                         "writing record " + collection_.str() + "/" + write.change.id + ": " + why,
                         outcome.status);
}

}  // namespace kinto_mirror::sync
