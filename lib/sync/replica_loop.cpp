#include "sync/replica_loop.hpp"

#include "sync/audit.hpp"
#include "sync/discover.hpp"
#include "sync/follow.hpp"
#include "sync/single_run.hpp"

#include <algorithm>
#include <iterator>

namespace kinto_mirror::sync {

namespace {

constexpr Millis longest_wait{60'000};  // between two tries of a server or collection that fails

Millis wait_after(int failures, Millis interval) noexcept {
  const kinto::RetryPolicy policy{interval, std::max(interval, longest_wait), Millis{0}};
  return kinto::backoff_delay(policy, failures + 1, 0);
}

}  // namespace

ReplicaLoop::ReplicaLoop(PassContext context, CheckpointStore& checkpoints)
    : context_(context),
      checkpoints_(checkpoints),
      scope_(context.options.collections),
      begun_(context.clock.now()) {}

Task<void> ReplicaLoop::run() {
  const std::string& name = context_.replica.config().name;
  int failures = 0;
  bool told = false;
  while (!context_.stop.requested()) {
    const Instant begin = round_ = context_.clock.now();
    auto done = co_await round();
    if (context_.stop.requested()) break;
    looked_ = begin;
    Millis wait = context_.options.interval;
    if (done) {
      if (!std::exchange(told, true)) context_.observer.round_worked(name, states_.size());
      failures = 0;
    } else {
      told = false;
      greeted_ = false;
      wait = wait_after(++failures, context_.options.interval);
      context_.observer.round_failed(name, done.error(), wait);
    }
    next_ = std::max(context_.clock.now(), begin + wait);
    co_await nap(next_ - context_.clock.now());
  }
}

Standing ReplicaLoop::standing() const {
  Standing standing;
  standing.replica = context_.replica.config().name;
  standing.begun = begun_;
  standing.looked = looked_;
  standing.round = round_;
  standing.next = next_;
  standing.listed = &states_;
  standing.unlisted = &unlisted_;
  return standing;
}

void ReplicaLoop::audit_all() {
  audit_wanted_ = true;
  woken_ = true;
  if (nap_ != nullptr) nap_->request();
}

Task<void> ReplicaLoop::nap(Millis wait) {
  Stop ends;
  const Stop::Subscription with_all(context_.stop, [&ends] { ends.request(); });
  // One wish ends one wait: the round that it leads to may fail.
  if (context_.stop.requested() || std::exchange(woken_, false)) co_return;
  nap_ = &ends;
  co_await context_.clock.sleep(wait, ends);
  nap_ = nullptr;
  woken_ = false;
}

ResultTask<void> ReplicaLoop::round() {
  if (!greeted_) {
    auto greeted = co_await greet(context_);
    if (!greeted) co_return greeted.error();
    greeted_ = true;
  }
  auto ids = co_await discover(context_, scope_, told_skipped_);
  if (!ids) co_return ids.error();
  take_stock(*ids);
  auto adopted = co_await adopt_checkpoints();
  if (!adopted) co_return adopted.error();
  if (std::exchange(audit_wanted_, false)) {
    for (auto* known : {&states_, &unlisted_}) {
      for (auto& [id, state] : *known) state.audit_at = state.not_before = context_.clock.now();
    }
  }
  auto probed = co_await probe();
  if (!probed) co_return probed.error();
  server_lost_.reset();
  TaskGroup visits(context_.background.executor());
  for (const CollectionId& id : *ids) {
    if (!due(states_[id])) continue;
    co_await visits.wait_below(context_.options.parallel);
    if (server_lost_ || context_.stop.requested()) break;
    visits.spawn(visit(id));
  }
  co_await visits.join();
  if (server_lost_) co_return *server_lost_;
  co_return success();
}

// What is known of a collection that the master does not list any more is kept: it may be listed
// again, and what it had before tells then whether it was flushed.
void ReplicaLoop::take_stock(const std::vector<CollectionId>& listed) {
  for (auto known = states_.begin(); known != states_.end();) {
    const auto next = std::next(known);
    if (!std::ranges::binary_search(listed, known->first)) {
      context_.observer.notice(
          context_.replica.config().name, known->first,
          "the master does not list it any more; nothing of it is deleted, and "
          "it is followed again when the master lists it");
      known->second.remembered.clear();
      unlisted_.insert(states_.extract(known));
    }
    known = next;
  }
  for (const CollectionId& id : listed) {
    if (auto back = unlisted_.extract(id); !back.empty()) states_.insert(std::move(back));
    states_.try_emplace(id);
  }
}

bool ReplicaLoop::due(const CollectionState& state) const {
  const Instant now = context_.clock.now();
  if (now < state.not_before) return false;
  return !state.checkpoint || now >= state.audit_at || state.restless || state.moved ||
         state.quarantine.any_due(now);
}

Task<void> ReplicaLoop::visit(CollectionId id) {
  CollectionState& state = states_[id];
  const bool whole = !state.checkpoint || context_.clock.now() >= state.audit_at;
  // Two statements: g++ 12 frees the result of `c ? co_await a : co_await b` twice.
  Result<void> done = success();
  if (whole) {
    done = co_await run_audit(id, state);
  } else {
    done = co_await run_follow(id, state);
  }
  if (done) {
    state.failures = 0;
    co_return;
  }
  state.not_before = context_.clock.now() + wait_after(++state.failures, context_.options.interval);
  if (concerns_server(done.error().code)) server_lost_ = done.error();
}

ResultTask<void> ReplicaLoop::run_audit(CollectionId id, CollectionState& state) {
  const Before before = before_of(state.stored);
  const Instant begin = context_.clock.now();
  AuditResult result = co_await audit(context_, id, before);
  CollectionReport& report = result.report;
  tell_resets(context_, report, before, result.seen);
  // The next probe counts as the server does: a memory backend leaves out live records that have a
  // member `deleted`, which the walk counts.
  if (!report.error) state.replica_live.reset();
  if (!report.error && result.confirmed) {
    // What was under way at an ETag that was seen long ago has been committed since.
    const bool moved = !state.checkpoint || state.checkpoint->etag != result.etag;
    const Checkpoint now = checkpoint_of(context_, result);
    auto kept = co_await keep(state, now, to_store(report.brake, now, state.stored));
    if (!kept) report.error = kept.error();
    state.remembered.clear();
    state.brake = report.brake;
    state.quarantine.replace(report.quarantined, context_.clock.now());
    state.audit_at = context_.clock.now() + context_.options.audit_interval;
    if (moved) be_restless(state);
  }
  tell(report);
  if (report.error) co_return *report.error;
  state.open_audits = result.confirmed ? 0 : state.open_audits + 1;
  if (result.confirmed) state.in_step_at = begin;
  if (!result.confirmed) {
    // Where there is a checkpoint, polls go on meanwhile.
    state.audit_at =
        context_.clock.now() + wait_after(state.open_audits, context_.options.interval);
    if (!state.checkpoint) state.not_before = state.audit_at;
  }
  co_return success();
}

ResultTask<void> ReplicaLoop::run_follow(CollectionId id, CollectionState& state) {
  const Instant begin = context_.clock.now();
  const bool late = begin >= state.restless_until;
  FollowResult result = co_await sync::follow(context_, id, state);
  if (result.audit_because) {
    if (state.failures == 0) {  // else the audit has failed before, and this was said
      context_.observer.notice(context_.replica.config().name, id,
                               *result.audit_because + "; everything is compared anew");
    }
    co_return co_await run_audit(id, state);
  }
  if (!result.report.error && result.confirmed && late) state.restless = false;
  if (!result.report.error && result.etag != state.checkpoint->etag) {
    be_restless(state);
    Checkpoint checkpoint = *state.checkpoint;
    checkpoint.cursor = result.cursor;
    checkpoint.etag = result.etag;
    checkpoint.live = result.live;
    checkpoint.quarantined = static_cast<std::int64_t>(state.quarantine.size());
    // What pulled the brake before a restart, the audit that is due will tell.
    const bool braked = state.stored && state.stored->braked;
    Checkpoint to_keep = to_store(state.brake, checkpoint, state.stored);
    if (braked && !state.brake) to_keep = *state.stored;
    auto kept = co_await keep(state, std::move(checkpoint), std::move(to_keep));
    if (!kept) result.report.error = kept.error();
  }
  if (!result.report.error && result.report.written() > 0) {
    // Others may have written too: only the server knows.
    const auto count = co_await context_.replica.count(kinto::records_path(id));
    if (count) state.replica_live = count->live;
  }
  tell(result.report);
  if (result.report.error) co_return *result.report.error;
  // While an audit is open, more may be missing than was written since.
  if (result.confirmed && state.open_audits == 0) state.in_step_at = begin;
  co_return success();
}

void ReplicaLoop::be_restless(CollectionState& state) const {
  state.restless = true;
  state.restless_until = context_.clock.now() + context_.options.overlap;
}

ResultTask<void> ReplicaLoop::keep(CollectionState& state, Checkpoint now, Checkpoint stored) {
  if (state.stored != stored) {
    auto kept = co_await checkpoints_.store(stored);
    if (!kept) co_return kept.error();
    stored_[stored.collection] = stored;
    state.stored = std::move(stored);
  }
  state.checkpoint = std::move(now);
  co_return success();
}

void ReplicaLoop::tell(const CollectionReport& report) const {
  const bool stopped = report.error && report.error->code == Errc::stopped;
  if (!stopped) context_.observer.pass_done(context_.replica.config().name, report);
}

}  // namespace kinto_mirror::sync
