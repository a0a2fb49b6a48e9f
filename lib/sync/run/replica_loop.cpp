#include "sync/run/replica_loop.hpp"

#include "sync/run/audit.hpp"
#include "sync/run/follow.hpp"
#include "sync/run/single_run.hpp"
#include "sync/write/identity.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

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
    if (done && unread_) {
      // The others are followed at their interval.
      told = false;
      failures = 0;
      context_.observer.round_failed(name, *unread_, wait);
    } else if (done) {
      // A round that has only put off what failed before proves nothing.
      if (!told && !waits_for_lost()) {
        told = true;
        context_.observer.round_worked(name, states_.size());
      }
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

bool ReplicaLoop::waits_for_lost() const {
  return std::ranges::any_of(states_, [](const auto& known) { return known.second.lost; });
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
    const auto apart = co_await tell_apart(context_, greeted->date);
    if (!apart) {
      refusal_ = apart.error();
      context_.stop.request();
      co_return apart.error();
    }
    greeted_ = true;
  }
  auto found = co_await discover(context_, scope_, told_skipped_);
  if (!found) co_return found.error();
  if (!found->ids.empty() || found->refused) {
    told_nothing_ = false;
  } else if (!std::exchange(told_nothing_, true)) {
    tell_nothing_in_scope(context_);
  }
  take_stock(*found);
  auto adopted = co_await adopt_checkpoints();
  if (!adopted) co_return adopted.error();
  if (std::exchange(audit_wanted_, false)) {
    for (auto* known : {&states_, &unlisted_}) {
      for (auto& [id, state] : *known) {
        state.broken = true;
        state.not_before = context_.clock.now();
      }
    }
  }
  auto probed = co_await probe();
  if (!probed) co_return probed.error();
  server_lost_.reset();
  co_await visit_all();
  if (server_lost_) co_return *server_lost_;
  unread_ = found->refused;
  co_return success();
}

// Changes first, then what must be compared because the chain of looks is broken, then what is to
// be compared because its time has come, or because the daemon has just started; of these the
// smallest first. The last kind may take half of the interval, and never less than one collection a
// round, so that a start over a thousand collections keeps neither servers nor changes waiting.
Task<void> ReplicaLoop::visit_all() {
  TaskGroup visits(context_.background.executor());
  const Instant spent = context_.clock.now() + context_.options.interval / 2;
  bool some = false;
  for (Visit& one : due_visits()) {
    if (one.why == Why::routine) {
      co_await visits.join();
      if (std::exchange(some, true) && context_.clock.now() >= spent) {
        if (!follows(states_[one.id])) continue;
        one.why = Why::changes;
      }
    }
    co_await visits.wait_below(context_.options.parallel);
    if (server_lost_ || context_.stop.requested()) break;
    visits.spawn(visit(one.id, one.why != Why::changes));
  }
  co_await visits.join();
}

std::vector<ReplicaLoop::Visit> ReplicaLoop::due_visits() const {
  std::vector<Visit> due;
  const Instant now = context_.clock.now();
  for (const auto& [id, state] : states_) {
    if (now < state.not_before) continue;
    const std::int64_t size = state.probed ? state.probed->live : 0;
    if (!state.checkpoint || state.broken) {
      due.push_back({id, Why::broken, size});
    } else if (now >= state.audit_at) {
      due.push_back({id, Why::routine, size});
    } else if (follows(state)) {
      due.push_back({id, Why::changes, size});
    }
  }
  // Of what was never compared the smallest first, then what has waited longest.
  std::ranges::stable_sort(due, {}, [this](const Visit& one) {
    const CollectionState& state = states_.at(one.id);
    const bool again = one.why == Why::routine && state.proven;
    return std::tuple(one.why, again, again ? state.audit_at : Instant{}, one.size);
  });
  return due;
}

// What is known of a collection that the master does not list any more is kept: it may be listed
// again, and what it had before tells then whether it was flushed.
void ReplicaLoop::take_stock(const Discovered& found) {
  for (auto known = states_.begin(); known != states_.end();) {
    const auto next = std::next(known);
    // What an old list does not name, or one that could not be read, may be there all the same.
    const bool is_told = found.stored.empty() && !found.unread.contains(known->first.bucket);
    if (is_told && !std::ranges::binary_search(found.ids, known->first)) {
      if (!known->second.hidden) {
        context_.observer.notice(
            context_.replica.config().name, known->first,
            "the master does not list it any more; nothing of it is deleted, and "
            "it is followed again when the master lists it");
      }
      known->second.remembered.clear();
      unlisted_.insert(states_.extract(known));
    }
    known = next;
  }
  for (const CollectionId& id : found.ids) {
    auto back = unlisted_.extract(id);
    if (back.empty()) {
      states_.try_emplace(id);
      continue;
    }
    const auto placed = states_.insert(std::move(back)).position;
    placed->second.hidden = false;
    break_chain(id, placed->second, "the master lists it again");
  }
}

void ReplicaLoop::break_chain(const CollectionId& id, CollectionState& state,
                              const std::string& what) {
  // Told once, however often the comparison must be tried.
  if (!state.broken) {
    context_.observer.notice(context_.replica.config().name, id,
                             what + "; everything is compared anew");
  }
  state.broken = true;
  state.proven = false;
  state.not_before = std::min(state.not_before, context_.clock.now());
}

bool ReplicaLoop::follows(const CollectionState& state) const {
  const bool restless = state.restless && !state.overlap_known;
  return restless || state.moved || state.lost || state.quarantine.any_due(context_.clock.now());
}

Task<void> ReplicaLoop::visit(CollectionId id, bool whole) {
  CollectionState& state = states_[id];
  // Two statements: g++ 12 frees the result of `c ? co_await a : co_await b` twice.
  Result<void> done = success();
  if (whole) {
    done = co_await run_audit(id, state);
  } else {
    done = co_await run_follow(id, state);
  }
  if (done) {
    state.failures = 0;
    state.lost = false;
    co_return;
  }
  // What an old answer showed is applied; the next one may be of now.
  const bool unproven = done.error().code == Errc::unproven;
  // The next pass gets past what held this one up, or past it and to the next one.
  const bool held_up = done.error().code == Errc::held_up;
  if (!held_up && (whole || !unproven)) ++state.failures;
  const Instant again =
      context_.clock.now() +
      (held_up ? Suspects::a_bad_moment : wait_after(state.failures, context_.options.interval));
  if (whole && unproven && state.checkpoint && !state.broken) {
    state.audit_at = again;  // polls go on meanwhile, and say nothing of the whole
    state.proven = false;
  } else {
    state.not_before = again;
  }
  state.lost = concerns_server(done.error().code);
  if (state.lost) server_lost_ = done.error();
}

ResultTask<void> ReplicaLoop::run_audit(CollectionId id, CollectionState& state) {
  const Before before = before_of(state.stored);
  const Instant begin = context_.clock.now();
  AuditResult result = co_await audit(context_, id, before);
  CollectionReport& report = result.report;
  if (state.proven || state.broken) result.seen.replica_fell = state.replica.fell;
  tell_resets(context_, report, before, result.seen);
  if (!report.error) state.replica.fell = 0;
  const bool shown_again = !report.error && std::exchange(state.hidden, false);
  if (report.state == State::not_shown) state.hidden = true;
  if (shown_again) {
    context_.observer.notice(context_.replica.config().name, id,
                             "the master shows it again; everything was compared anew");
  }
  // As the server counts, which the next probe compares with: a memory backend leaves out live
  // records that have a member `deleted`, which the walk counts.
  if (!report.error) state.replica.live = result.replica_live;
  if (!report.error && result.confirmed) {
    // What was under way at an ETag that was seen long ago has been committed since.
    const bool moved = !state.checkpoint || state.checkpoint->etag != result.etag;
    const Checkpoint now = checkpoint_of(context_, result);
    auto kept = co_await keep(state, now, to_store(report.brake, now, state.stored));
    if (!kept) report.fail(kept.error());
    state.brake = report.brake;
    state.quarantine.replace(report.quarantined, context_.clock.now());
    remember(state, result);
    state.replica.tell(result.surplus);
    take_count(state, result.counted);
    state.baseless = !result.counted;
    state.proven = true;
    state.broken = false;
    state.audit_at = context_.clock.now() + context_.options.audit_interval;
    if (moved) be_restless(state);
  }
  tell(report);
  if (report.error) co_return *report.error;
  // More extras than an audit holds are another audit's.
  const bool settled = result.confirmed && report.state != State::different;
  const bool gets_on = report.written.deleted > 0;
  state.open_audits = settled ? 0 : (gets_on ? 1 : state.open_audits + 1);
  state.open.reset();
  if (!settled) state.open = report;
  if (result.confirmed) state.in_step_at = begin;
  if (!settled) {
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
  state.replica.added_since += result.report.written.grown();
  const bool hidden = result.report.error && is_hidden(result.report.error->code);
  if (hidden) state.broken = true;  // which the audit tells, if it meets the same
  if (result.audit_because) break_chain(id, state, *result.audit_because);
  if (hidden || result.audit_because) co_return co_await run_audit(id, state);
  if (!result.report.error && result.report.written.all() > 0) {
    // Others may have written too: only the server knows.
    const auto count = co_await context_.replica.count(kinto::records_path(id));
    if (count) state.replica.live = count->live;
  }
  if (beyond(state, result).value_or(0) < 0) {
    // It was counted before the master was, and others may have deleted or written since.
    const auto count = co_await context_.replica.count(kinto::records_path(id));
    if (count) state.replica.live = count->live;
  }
  if (const auto contradiction = hold_against_replica(state, result)) {
    break_chain(id, state, *contradiction);
    co_return co_await run_audit(id, state);
  }
  if (!result.report.error && result.confirmed && late) state.restless = false;
  const bool moved = result.etag != state.checkpoint->etag;
  if (!result.report.error && (moved || result.live != state.checkpoint->live)) {
    if (moved) be_restless(state);
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
    if (!kept) result.report.fail(kept.error());
  }
  if (!result.report.error && (result.counted || result.confirmed)) {
    take_count(state, result.counted);
    if (!result.counted) {
      state.live_since += result.live_changes;
      state.deleted_since += result.deleted_changes;
    }
  }
  // What the master wrote between the list and its count may hide what came under past stamps.
  if (!result.counted && result.report.state == State::in_sync)
    result.report.state = State::not_compared;
  add_open(state, result.report);
  tell(result.report);
  if (result.report.error) co_return *result.report.error;
  // While an audit is open, more may be missing than was written since.
  if (result.confirmed && state.open_audits == 0 && state.proven) state.in_step_at = begin;
  co_return success();
}

// A poll that is in sync says nothing of what was never compared, nor of what an audit has left.
void ReplicaLoop::add_open(const CollectionState& state, CollectionReport& report) {
  if (report.state != State::in_sync) return;
  if (!state.proven) report.state = State::not_compared;
  if (!state.open) return;
  report.state = State::different;
  report.found = state.open->found;
  report.examples = state.open->examples;
}

// Nothing where the pass did not apply all that it read, or the numbers are not of one moment.
std::optional<std::int64_t> ReplicaLoop::beyond(const CollectionState& state,
                                                const FollowResult& result) {
  if (result.report.error || !result.confirmed || !result.counted) return std::nullopt;
  return state.replica.beyond(result.live, state.quarantine.lacking());
}

// Why everything must be compared anew. Fewer records than there should be say so at once. More may
// have been committed late, between a list and its count, and come with the next poll: only what is
// still so then says so, and until then nothing is said to be in sync.
std::optional<std::string> ReplicaLoop::hold_against_replica(CollectionState& state,
                                                             FollowResult& result) {
  const auto more = beyond(state, result);
  if (!more) return std::nullopt;
  auto contradiction = state.replica.contradiction(*more, result.live);
  if (!contradiction) {
    // What others have added is the replica's own.
    state.replica.tell(*state.replica.surplus + *more);
    return std::nullopt;
  }
  if (*more < 0 || state.replica.outgrown) return contradiction;
  state.replica.outgrown = true;
  result.counted = false;
  result.live = state.checkpoint->live;
  return std::nullopt;
}

void ReplicaLoop::take_count(CollectionState& state, bool counted) {
  state.uncounted = !counted;
  if (!counted) return;
  state.baseless = false;
  state.live_since = state.deleted_since = 0;
}

// What the next poll reads again, and need not look up.
void ReplicaLoop::remember(CollectionState& state, const AuditResult& result) {
  state.newest = result.newest;
  state.remembered.clear();
  for (const Change& change : result.recent) {
    if (!state.quarantine.holds(change.id)) state.remembered.add(change);
  }
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
