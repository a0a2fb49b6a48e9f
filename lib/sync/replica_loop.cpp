#include "sync/replica_loop.hpp"

#include "sync/audit.hpp"
#include "sync/discover.hpp"
#include "sync/follow.hpp"
#include "sync/probe.hpp"
#include "sync/single_run.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

namespace {

constexpr Millis longest_wait{60'000};  // between two tries of a server or collection that fails

Millis wait_after(int failures, Millis interval) noexcept {
  const kinto::RetryPolicy policy{interval, std::max(interval, longest_wait), Millis{0}};
  return kinto::backoff_delay(policy, failures + 1, 0);
}

}  // namespace

ReplicaLoop::ReplicaLoop(PassContext context, CheckpointStore& checkpoints)
    : context_(context), checkpoints_(checkpoints), scope_(context.options.collections) {}

Task<void> ReplicaLoop::run() {
  const std::string& name = context_.replica.config().name;
  int failures = 0;
  bool told = false;
  while (!context_.stop.requested()) {
    const Instant begin = context_.clock.now();
    auto done = co_await round();
    if (context_.stop.requested()) break;
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
    const Millis spent = context_.clock.now() - begin;
    co_await context_.clock.sleep(std::max(Millis{0}, wait - spent), context_.stop);
  }
}

ResultTask<void> ReplicaLoop::round() {
  if (!greeted_) {
    auto greeted = co_await greet(context_);
    if (!greeted) co_return greeted.error();
    greeted_ = true;
  }
  auto ids = co_await discover(context_, scope_, told_skipped_);
  if (!ids) co_return ids.error();
  std::erase_if(states_, [&ids](const auto& known) {
    return !std::ranges::binary_search(*ids, known.first);
  });
  for (const CollectionId& id : *ids) states_.try_emplace(id);
  auto adopted = co_await adopt_checkpoints();
  if (!adopted) co_return adopted.error();
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

ResultTask<void> ReplicaLoop::adopt_checkpoints() {
  auto changes = co_await checkpoints_.changes();
  if (!changes) co_return changes.error();
  for (auto& [id, state] : states_) {
    if (!*changes) break;
    const auto stored = (*changes)->find(id);
    adopt(id, state,
          stored == (*changes)->end() ? std::nullopt : std::optional(std::move(stored->second)));
  }
  co_return success();
}

// The replica's checkpoint describes the replica's data better than our memory does: somebody may
// have restored or replaced both.
void ReplicaLoop::adopt(const CollectionId& id, CollectionState& state,
                        std::optional<Checkpoint> stored) {
  if (state.checkpoint == stored) return;
  const bool had_one = state.checkpoint.has_value();
  const Instant now = context_.clock.now();
  state.checkpoint = std::move(stored);
  state.remembered.clear();
  if (!state.checkpoint) {
    state.audit_at = now;
    if (had_one) {
      context_.observer.notice(context_.replica.config().name, id,
                               "the replica lost its checkpoint; everything is compared anew");
    }
    return;
  }
  state.restless = true;
  state.restless_until = now + context_.options.overlap;
  if (had_one) return;
  const Millis age{context_.clock.wall().ms - state.checkpoint->audited.ms};
  const Millis left = context_.options.audit_interval - std::max(Millis{0}, age);
  state.audit_at = state.checkpoint->quarantined > 0 ? now : now + std::max(Millis{0}, left);
}

// Asks after the collections that would rest otherwise.
ResultTask<void> ReplicaLoop::probe() {
  std::vector<Probe> probes;
  for (auto& [id, state] : states_) {
    state.moved = false;
    if (due(state) || !state.checkpoint) continue;
    Probe probe;
    probe.id = id;
    probe.etag = state.checkpoint->etag;
    probe.live = state.checkpoint->live;
    probes.push_back(std::move(probe));
  }
  auto answers = co_await moved(context_.master, std::move(probes));
  if (!answers) co_return answers.error();
  for (const auto& [id, how] : *answers) {
    states_[id].moved = true;
    if (how == Moved::recounted) {
      states_[id].audit_at = context_.clock.now();
      context_.observer.notice(context_.replica.config().name, id,
                               "the master's count changed without its ETag; everything is "
                               "compared anew");
    }
  }
  co_return success();
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
  AuditResult result = co_await audit(context_, id, before_of(state.checkpoint));
  CollectionReport& report = result.report;
  if (!report.error && result.confirmed) {
    if (!report.brake || !state.checkpoint) {
      auto kept = co_await keep(state, checkpoint_of(context_, result));
      if (!kept) report.error = kept.error();
    }
    state.remembered.clear();
    state.quarantine.replace(report.quarantined, context_.clock.now());
    state.audit_at = context_.clock.now() + context_.options.audit_interval;
    state.restless = true;
    state.restless_until = context_.clock.now() + context_.options.overlap;
  }
  tell(report);
  if (report.error) co_return *report.error;
  if (!result.confirmed) state.audit_at = context_.clock.now();
  co_return success();
}

ResultTask<void> ReplicaLoop::run_follow(CollectionId id, CollectionState& state) {
  const bool late = context_.clock.now() >= state.restless_until;
  FollowResult result = co_await sync::follow(context_, id, state);
  if (result.audit_because) {
    context_.observer.notice(context_.replica.config().name, id,
                             *result.audit_because + "; everything is compared anew");
    co_return co_await run_audit(id, state);
  }
  if (!result.report.error && late) state.restless = false;
  if (!result.report.error && result.etag != state.checkpoint->etag) {
    state.restless = true;
    state.restless_until = context_.clock.now() + context_.options.overlap;
    Checkpoint checkpoint = *state.checkpoint;
    checkpoint.cursor = result.cursor;
    checkpoint.etag = result.etag;
    checkpoint.live = result.live;
    checkpoint.quarantined = static_cast<std::int64_t>(state.quarantine.size());
    auto kept = co_await keep(state, std::move(checkpoint));
    if (!kept) result.report.error = kept.error();
  }
  tell(result.report);
  if (result.report.error) co_return *result.report.error;
  co_return success();
}

ResultTask<void> ReplicaLoop::keep(CollectionState& state, Checkpoint checkpoint) {
  auto kept = co_await checkpoints_.store(checkpoint);
  if (!kept) co_return kept.error();
  state.checkpoint = std::move(checkpoint);
  co_return success();
}

void ReplicaLoop::tell(const CollectionReport& report) const {
  const bool stopped = report.error && report.error->code == Errc::stopped;
  if (!stopped) context_.observer.pass_done(context_.replica.config().name, report);
}

}  // namespace kinto_mirror::sync
