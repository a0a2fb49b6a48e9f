#include "sync/run/follow.hpp"

#include "base/require.hpp"
#include "sync/decide/checkpoint.hpp"
#include "sync/decide/proof.hpp"
#include "sync/read/bodies.hpp"
#include "sync/read/listing_reader.hpp"
#include "sync/read/look_up.hpp"
#include "sync/run/audit.hpp"
#include "sync/write/applier.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

namespace {

// Changes that are looked up and written at a time, and so held with their bodies.
constexpr std::size_t window = 250;
// Ids that are remembered at most, to notice one that is listed twice.
constexpr std::size_t max_added = 10'000;

class Follow {
 public:
  Follow(const PassContext& context, CollectionId id, CollectionState& state)
      : context_(context), state_(state), path_(kinto::records_path(id)), applier_(context, id, 1) {
    result_.report.id = std::move(id);
    result_.report.kind = PassKind::follow;
    result_.cursor = state.checkpoint->cursor;
    result_.etag = state.checkpoint->etag;
    result_.live = state.checkpoint->live;
    // Only what lies above the cursor is listed again.
    const bool listed = state.newest.stamp > state.checkpoint->cursor;
    polled_.newest_is_there = state.newest.id.empty() || !listed;
  }

  Task<FollowResult> run() {
    const Instant begin = context_.clock.now();
    auto done = co_await visit();
    auto flushed = co_await applier_.flush();
    if (done && !flushed) done = flushed.error();
    sum_up();
    CollectionReport& report = result_.report;
    set_aside();
    if (!done) {
      report.error = done.error();
    } else if (!result_.audit_because) {
      settle();
    }
    report.brake = state_.brake;
    report.state = conclude(report, context_.options.extras);
    // What was refused in an earlier pass, and waits, is no equality either.
    const auto held = static_cast<std::int64_t>(state_.quarantine.size());
    const auto refused = static_cast<std::int64_t>(refused_.size());
    report.waiting = std::max<std::int64_t>(0, held - refused);  // a full quarantine holds fewer
    if (report.state == State::in_sync && report.waiting > 0) report.state = State::degraded;
    report.took = context_.clock.now() - begin;
    co_return std::move(result_);
  }

 private:
  ResultTask<void> visit() {
    kinto::Listing changes;
    changes.since = state_.checkpoint->cursor;
    ListingReader reader(context_.master, path_, std::move(changes), context_.background,
                         ListingReader::Tombstones::as_listed);
    while (true) {
      if (context_.stop.requested()) co_return Error(Errc::stopped, "stopped during a pass");
      auto page = co_await reader.next();
      if (!page) co_return page.error();
      if (!*page) break;
      if (reader.etag() < state_.checkpoint->etag) {
        // What was stored on its way is older than it may look, and no sign of a restore.
        if (!reader.stored().empty()) break;
        polled_.etag = reader.etag();
        result_.audit_because = broken_chain(*state_.checkpoint, polled_);
        co_return success();
      }
      next_cursor_ = next_cursor(reader.etag(), reader.date(), context_.options.overlap);
      next_etag_ = reader.etag();
      if (next_etag_ > Stamp{}) applier_.set_horizon(next_etag_);
      auto applied = co_await apply_page(**page);
      if (!applied) co_return applied.error();
    }
    if (!reader.stored().empty()) {
      co_return stored_answer(context_.master, path_, reader.stored());
    }
    auto looked = co_await look_for_survivors();
    if (!looked || result_.audit_because) co_return looked;
    co_await count_master();
    result_.audit_because = broken_chain(*state_.checkpoint, polled_);
    if (result_.audit_because) co_return success();
    // Last, since some may be newer than what was read. Others are older, and late anyway.
    auto flushed = co_await applier_.flush();
    if (!flushed) co_return flushed.error();
    co_return co_await retry_quarantined();
  }

  // A flush moves the ETag forward and leaves no tombstones: only what the master has now tells of
  // it. The next checkpoint will count what was written since then, so it must be told before.
  ResultTask<void> look_for_survivors() {
    const Checkpoint& before = *state_.checkpoint;
    if (before.etag == Stamp{} || next_etag_ == before.etag || survives_ || deleted_ >= before.live)
      co_return success();
    kinto::Listing oldest;
    oldest.stamps_only = true;
    oldest.limit = 1;
    auto page = co_await context_.master.list(path_, std::move(oldest));
    if (!page) co_return page.error();
    if (!page->stored.empty()) co_return stored_answer(context_.master, path_, page->stored);
    const bool left = !page->entries.empty() && page->entries.front().stamp <= before.etag;
    if (!left) result_.audit_because = "the master has no record as old as the last checkpoint";
    co_return success();
  }

  ResultTask<void> apply_page(kinto::Page& page) {
    std::vector<kinto::Entry> fresh;
    for (kinto::Entry& entry : page.entries) {
      const bool since = entry.stamp > state_.checkpoint->etag;
      if (since && entry.deleted) ++deleted_;
      if (!since && !entry.deleted) survives_ = true;
      note(entry);
      if (known(entry)) continue;
      fresh.push_back(std::move(entry));
      if (fresh.size() < window) continue;
      auto applied = co_await apply(std::exchange(fresh, {}));
      if (!applied) co_return applied.error();
    }
    co_return co_await apply(std::move(fresh));
  }

  // For the chain's sake.
  void note(const kinto::Entry& entry) {
    if (entry.stamp >= newest_.stamp) newest_ = Newest{entry.id, entry.stamp};
    if (entry.id == state_.newest.id) polled_.newest_is_there = true;
    if (known(entry)) return;
    // A memory backend does not count a live record with a member `deleted`, PostgreSQL does.
    if (entry.deleted) ++polled_.deleted;
    if (!entry.deleted || entry.has_other_members) ++polled_.live;
  }

  [[nodiscard]] bool known(const kinto::Entry& entry) const {
    return state_.remembered.holds(entry.id, Known{entry.stamp, entry.deleted}) ||
           state_.quarantine.holds(entry.id, entry.stamp);
  }

  // `changes` in ascending order; their `raw` is alive.
  ResultTask<void> apply(std::vector<kinto::Entry> changes) {
    if (changes.empty()) co_return success();
    auto resolved = co_await resolve_tombstones(context_.master, path_, changes);
    if (!resolved) co_return resolved.error();
    std::erase_if(changes, &kinto::Entry::replaced);
    if (changes.empty()) co_return success();
    std::vector<std::string> ids;
    for (const kinto::Entry& change : changes) ids.push_back(change.id);
    auto settled = co_await settle_added(ids);
    if (!settled) co_return settled.error();
    auto found = co_await look_up(context_.replica, result_.report.id, std::move(ids), With::stamps,
                                  Word::of_now);
    if (!found) co_return found.error();
    for (const kinto::Entry& change : changes) {
      Difference difference;
      difference.change = Change{change.id, change.stamp, change.deleted};
      if (!change.deleted) difference.record = change.raw;
      auto added = co_await add(std::move(difference), *found);
      if (!added) co_return added.error();
    }
    co_return success();
  }

  // A record that changes while its collection is read is listed again: what the replica says of it
  // counts only when the older version is there.
  ResultTask<void> settle_added(const std::vector<std::string>& ids) {
    const bool again =
        std::ranges::any_of(ids, [this](const auto& id) { return added_.contains(id); });
    if (!again && added_.size() < max_added) co_return success();
    added_.clear();
    co_return co_await applier_.flush();
  }

  ResultTask<void> add(Difference difference,
                       const std::unordered_map<std::string, Found>& on_replica) {
    const Change& change = difference.change;
    if (const auto item = on_replica.find(change.id); item != on_replica.end()) {
      difference.replica = Known{item->second.stamp, item->second.tombstone};
    }
    const bool had = difference.replica && !difference.replica->tombstone &&
                     difference.replica->stamp <= state_.checkpoint->etag;
    if (!change.tombstone && (had || state_.quarantine.holds(change.id))) survives_ = true;
    // What lies below the next cursor will not be read again.
    const bool again = change.stamp > next_cursor_ && seen_.size() < Remembered::max_held;
    if (again || state_.quarantine.holds(change.id)) seen_.push_back(change);
    Write write = to_write(std::move(difference));
    if (write.action == Action::none) co_return success();
    added_.insert(write.change.id);
    co_return co_await applier_.add(std::move(write));
  }

  // Records whose time in quarantine is over, as the master has them now.
  ResultTask<void> retry_quarantined() {
    std::vector<std::string> ids = state_.quarantine.due(context_.clock.now());
    if (ids.empty()) co_return success();
    auto of_master =
        co_await look_up(context_.master, result_.report.id, ids, With::bodies, Word::of_now);
    if (!of_master) co_return of_master.error();
    auto settled = co_await settle_added(ids);
    if (!settled) co_return settled.error();
    auto of_replica =
        co_await look_up(context_.replica, result_.report.id, ids, With::stamps, Word::of_now);
    if (!of_replica) co_return of_replica.error();
    std::vector<Difference> differences;
    for (const std::string& id : ids) {
      const auto item = of_master->find(id);
      if (item == of_master->end()) {
        state_.quarantine.settled(id);
        continue;
      }
      // It changes right now: its next version comes by itself.
      if (!item->second.tombstone && item->second.record.empty()) continue;
      Difference difference;
      difference.change = Change{id, item->second.stamp, item->second.tombstone};
      difference.record = std::move(item->second.record);
      differences.push_back(std::move(difference));
    }
    std::ranges::sort(differences, {}, [](const Difference& one) { return one.change.stamp; });
    for (Difference& difference : differences) {
      auto added = co_await add(std::move(difference), *of_replica);
      if (!added) co_return added.error();
    }
    co_return success();
  }

  // How many records the master counts at the ETag of what was read. The round's own question is
  // answer enough where nothing was written since: what is newer than the ETag has been applied as
  // well, and the replica must not be held against a count of before. Without an answer the old
  // count stays: the next look asks again.
  Task<void> count_master() {
    result_.live = state_.checkpoint->live;
    polled_.etag = next_etag_;
    polled_.newest = newest_.stamp;
    result_.live_changes = polled_.live;
    result_.deleted_changes = polled_.deleted;
    std::optional<kinto::Count> count = state_.probed;
    if (!count || count->etag != next_etag_ || newest_.stamp > next_etag_) {
      auto asked = co_await context_.master.count(path_);
      if (!asked || !asked->stored.empty()) co_return;
      count = std::move(*asked);
    }
    // One of another ETag must not become the next look's base: what happened in between would
    // never be explained.
    if (count->etag != next_etag_) co_return;
    result_.live = count->live;
    result_.counted = true;
    polled_.live += state_.live_since;
    polled_.deleted += state_.deleted_since;
    if (!state_.baseless) polled_.counted = count->live;
  }

  void sum_up() {
    const Applied& applied = applier_.applied();
    CollectionReport& report = result_.report;
    report.written = applied.written;
    report.found = applied.left;
    report.quarantined = applied.refused;
    for (const std::string& one : applied.left_ids) report.add_example(one);
  }

  // Also after an error: what was refused must not be tried again at once.
  void set_aside() {
    for (const Refusal& refusal : applier_.applied().refused) {
      state_.quarantine.refused(refusal, context_.clock.now());
      refused_.insert(refusal.id);
    }
  }

  // Where everything that was read is applied, equal or refused: time to move on, and to remember.
  void settle() {
    if (!applier_.applied().confirmed()) return;
    result_.confirmed = true;
    for (const Change& change : seen_) {
      if (!refused_.contains(change.id)) state_.quarantine.settled(change.id);
    }
    result_.cursor = next_cursor_;
    result_.etag = next_etag_;
    if (!newest_.id.empty()) state_.newest = newest_;
    for (const Change& change : seen_) state_.remembered.add(change);
    state_.remembered.forget_up_to(next_cursor_);
  }

  const PassContext& context_;
  CollectionState& state_;
  std::string path_;
  Applier applier_;
  FollowResult result_;
  std::unordered_set<std::string> refused_;
  std::unordered_set<std::string> added_;  // since the applier was last flushed for their sake
  std::vector<Change> seen_;               // ids and stamps only
  Stamp next_cursor_;
  Stamp next_etag_;
  Polled polled_;
  Newest newest_;
  bool survives_ = false;     // the master still has some record that it had at the checkpoint
  std::int64_t deleted_ = 0;  // tombstones since then
};

}  // namespace

Task<FollowResult> follow(const PassContext& context, CollectionId id, CollectionState& state) {
  KINTO_MIRROR_REQUIRE(state.checkpoint);
  Follow pass(context, std::move(id), state);
  co_return co_await pass.run();
}

}  // namespace kinto_mirror::sync
