#include "sync/run/audit.hpp"

#include "base/future.hpp"
#include "sync/read/history.hpp"
#include "sync/read/schema_note.hpp"
#include "sync/run/audit_walk.hpp"
#include "sync/run/evidence.hpp"
#include "sync/write/closing_mark.hpp"
#include "sync/write/containers.hpp"
#include "sync/write/extras.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace kinto_mirror::sync {

namespace {

// Batches in flight into a collection that nobody can read yet.
constexpr int load_in_flight = 8;

class Audit {
 public:
  Audit(const PassContext& context, CollectionId id, const Before& before, BeforeFilling fills)
      : context_(context),
        before_(before),
        fills_(std::move(fills)),
        evidence_(context, id),
        walk_(context, result_, evidence_, before) {
    result_.report.id = std::move(id);
  }

  Task<AuditResult> run() {
    const Instant begin = context_.clock.now();
    auto done = co_await visit();
    CollectionReport& report = result_.report;
    if (!done) report.error = done.error();
    if (report.state != State::not_shown) report.state = conclude(report, context_.options.extras);
    // Where something was passed over, nothing is known to be equal.
    if (report.state == State::in_sync && !applied_all_) report.state = State::different;
    result_.end = end_of(report, applied_all_);
    report.took = context_.clock.now() - begin;
    co_return std::move(result_);
  }

 private:
  ResultTask<void> visit() {
    auto of_master = sight_of(context_.master, result_.report.id, context_.clock);
    auto of_replica = sight_of(context_.replica, result_.report.id, context_.clock);
    auto [master, replica] =
        co_await both(context_.background, std::move(of_master), std::move(of_replica));
    if (!master && !is_hidden(master.error().code)) co_return master.error();
    if (replica) result_.replica_live = result_.report.replica = replica->count.live;
    if (!master) {
      if (is_hidden(master.error().code)) {
        result_.report.state = State::not_shown;
        result_.report.found.extra = result_.report.replica;
      }
      co_return master.error();
    }
    result_.report.master = result_.live = master->count.live;
    const bool listed = replica.has_value();
    const Error why = listed ? Error() : replica.error();
    evidence_.begin(std::move(*master), listed ? std::optional(std::move(*replica)) : std::nullopt);
    context_.traits.lacked.erase(result_.report.id);
    bool created =
        context_.traits.created.erase(result_.report.id) > 0 && evidence_.replica_live() == 0;
    const std::optional<std::int64_t> held = listed ? result_.replica_live : std::nullopt;
    if (fills_ && !dry() && may_lack(before_, held, result_.live)) {
      auto withdrawn = co_await fills_();
      if (!withdrawn) co_return withdrawn.error();
    }
    if (!listed) {
      auto made = co_await without_replica(why);
      if (!made) co_return made.error();
      created = *made;
    }
    // Most of it is to be written: read it with bodies at once.
    if (evidence_.replica_live() * 2 < evidence_.master_live()) {
      result_.report.kind = PassKind::load;
    }
    co_return co_await compare(created, listed || !dry());
  }

  // True when the replica has the collection now, newly created.
  ResultTask<bool> without_replica(const Error& why) {
    if (!is_hidden(why.code)) co_return why;
    if (!dry()) co_return co_await ensure_collection(context_, result_.report.id);
    result_.report.not_on_replica = true;
    // A bucket that does not exist answers 403 too; where it does, a right is missing.
    const bool forbidden = why.code == Errc::forbidden;
    if (!forbidden) co_return false;
    const auto bucket = co_await context_.replica.object(kinto::bucket_path(result_.report.id));
    if (bucket) co_return why;
    result_.report.notes.emplace_back(
        "the replica does not let its user see it (403): it does not exist there, or the user "
        "lacks "
        "the right to read it (where Kinto keeps no accounts, a wrong password is another user)");
    co_return false;
  }

  ResultTask<void> compare(bool created, bool list_replica) {
    Applier applier(context_, result_.report.id, created ? load_in_flight : 1);
    applier.on_settled([this, &applier] { walk_.tell_progress(applier); });
    auto walked = co_await walk_.run(applier, list_replica);
    auto flushed = co_await applier.flush();
    if (walked && !flushed) walked = flushed.error();
    const std::int64_t grown = applier.applied().written.grown();
    if (walked) walked = co_await evidence_.prove(list_replica, grown);
    if (walked) take_count();
    CollectionReport& report = result_.report;
    if (auto note = co_await schema_note(context_, report.id)) report.notes.push_back(*note);
    if (walked && !dry() && join().has_extras()) walked = co_await let_extras_go(applier);
    if (walked && !dry() && walk_.met_closing_mark()) {
      walked = co_await remove_closing_mark(context_, report.id, *walk_.met_closing_mark());
    }
    // What has left its stamp may have been in the way of a record that stands beside it now.
    const Applied& applied = applier.applied();
    if (applied.written.updated + applied.written.deleted > 0) unsettled_ += applied.beside;
    sum_up(applied);
    if (walked && list_replica) co_await count_replica(applied);
    if (walked && !dry() && context_.options.closing_marks && needs_closing(applied)) {
      walked = co_await leave_closing_mark(applied);
    }
    if (walked) result_.surplus = surplus();
    co_return walked;
  }

  ResultTask<void> let_extras_go(Applier& applier) {
    LeaveToDelete leave;
    leave.all = context_.options.extras == Extras::remove;
    result_.untold = before_.untold;
    if (context_.traits.master_has_history) {
      const auto former = co_await newest_deletion(context_.master, result_.report.id);
      if (!former) co_return former.error();
      result_.untold = !former->told;
      leave.up_to = to_follow(before_, *former);
    }
    if (!leave.all && !leave.up_to) co_return success();
    auto removed = co_await remove_extras(context_, join(), applier, result_.report, before_, leave,
                                          evidence_.master_is_of_one_etag());
    auto settled = co_await applier.flush();
    extras_gone_ = true;
    if (!removed) co_return removed.error();
    newer_ += removed->newer;
    unsettled_ += removed->open;
    const std::int64_t not_held = join().extras_not_held();
    const bool some_of_before = leave.up_to && join().not_held_up_to(*leave.up_to);
    more_extras_ = not_held > 0 && (leave.all || some_of_before);
    // A checkpoint of after the deletion would have the next audit take it for followed.
    if (more_extras_ && !leave.all) unsettled_ += not_held;
    co_return settled;
  }

  // What was written moved under the walk, and others may write too: only the server knows.
  Task<void> count_replica(const Applied& applied) {
    if (const auto& after = evidence_.replica_after()) result_.replica_live = after->live;
    if (extras_gone_) {
      auto count = co_await context_.replica.count(kinto::records_path(result_.report.id));
      result_.replica_live.reset();
      if (count) result_.replica_live = count->live;
    }
    if (applied.anything() && result_.replica_live) result_.report.replica = *result_.replica_live;
  }

  // Above all that was listed or written here the ETag is known to stand uncovered. What covered it
  // may have been a tombstone that was written over: there the replica is asked.
  ResultTask<void> leave_closing_mark(const Applied& applied) {
    std::optional<Stamp> uncovered;
    const auto& after = evidence_.replica_after();
    const bool settled = !extras_gone_ && applied.already == 0 && !walk_.met_closing_mark();
    const Stamp newest = std::max(walk_.replica_newest(), applied.newest);
    // What was brought here stands there.
    if (after && settled && after->etag == applied.newest) co_return success();
    if (after && settled && after->etag > newest) uncovered = after->etag;
    co_return co_await close(context_, result_.report.id, uncovered);
  }

  // Where nothing was written, the walk itself has seen it.
  [[nodiscard]] bool needs_closing(const Applied& applied) const {
    const bool settled = applied_all_ && !result_.report.brake;
    return settled && (applied.anything() || extras_gone_ || walk_.replica_etag_is_uncovered());
  }

  void take_count() {
    const auto count = evidence_.master_count_at(result_.etag);
    if (count) result_.live = *count;
    result_.counted = count.has_value();
  }

  // As the servers count where that can be held against each other, else as the walk found it.
  // (What memory backends do not count, only the counts tell.)
  [[nodiscard]] std::optional<std::int64_t> surplus() const {
    const CollectionReport& report = result_.report;
    const bool walk_tells = !evidence_.has_marked();
    if (!result_.replica_live || !result_.counted) {
      return walk_tells ? std::optional(report.found.extra) : std::nullopt;
    }
    const std::int64_t counted = *result_.replica_live +
                                 std::ranges::count_if(report.quarantined, &Refusal::lacking) -
                                 result_.live;
    // Fewer than were met: some have gone behind the walk.
    return walk_tells ? std::max(counted, report.found.extra) : counted;
  }

  void sum_up(const Applied& applied) {
    CollectionReport& report = result_.report;
    report.master = join().master_live();
    report.replica = join().replica_live() + applied.written.grown();
    report.written = applied.written;
    report.same = join().same() + walk_.meant() + walk_.same_by_value() + applied.already;
    if (dry()) {
      const std::int64_t drifted = std::max<std::int64_t>(0, join().found_later() - walk_.meant());
      report.found.missing = std::max<std::int64_t>(0, report.found.missing - drifted);
      report.found.differs += drifted;
    } else {
      report.found = applied.left;
    }
    const std::int64_t unsettled = unsettled_ + walk_.unsettled();
    if (!dry()) report.found.differs += unsettled;
    for (const std::string& one : applied.left_ids) report.add_example(one);
    report.found.extra = static_cast<std::int64_t>(join().extras().size()) +
                         join().extras_not_held() + report.found.undeleted;
    report.quarantined = applied.refused;
    // The replica never had what it refuses, and the master has it still.
    const std::int64_t refused = applied.lacking_up_to(before_.etag);
    result_.seen.lost = std::max<std::int64_t>(0, result_.seen.lost - refused);
    result_.seen.survivors += refused;
    applied_all_ = unsettled == 0 && applied.confirmed();
    result_.newer = newer_ + walk_.newer() + applied.newer;
    result_.more_extras = more_extras_ && !report.brake;
  }

  [[nodiscard]] bool dry() const noexcept { return context_.options.dry_run; }

  [[nodiscard]] MergeJoin& join() noexcept { return walk_.join(); }

  const PassContext& context_;
  Before before_;
  BeforeFilling fills_;  // see audit()
  AuditResult result_;
  Evidence evidence_;
  AuditWalk walk_;
  std::int64_t newer_ = 0;  // extras that were left to the next poll
  // Extras that were another one when they were looked at again, and records that stand beside a
  // stamp that this very pass may have made free.
  std::int64_t unsettled_ = 0;
  bool extras_gone_ = false;
  bool more_extras_ = false;  // than were held, some of which are to go as well
  bool applied_all_ = false;
};

}  // namespace

Task<AuditResult> audit(const PassContext& context, CollectionId id, Before before,
                        BeforeFilling fills) {
  Audit pass(context, std::move(id), before, std::move(fills));
  co_return co_await pass.run();
}

}  // namespace kinto_mirror::sync
