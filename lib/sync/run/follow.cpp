#include "sync/run/follow.hpp"

#include "base/require.hpp"
#include "sync/decide/checkpoint.hpp"
#include "sync/decide/poll.hpp"
#include "sync/decide/proof.hpp"
#include "sync/read/bodies.hpp"
#include "sync/read/listing_reader.hpp"
#include "sync/read/look_up.hpp"
#include "sync/run/retries.hpp"
#include "sync/write/applier.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace kinto_mirror::sync {

namespace {

// Changes that are looked up and written at a time, and so held with their bodies.
constexpr std::size_t page_window = 250;
// Ids that are remembered at most, to notice one that is listed twice.
constexpr std::size_t max_added = 10'000;

class Follow {
 public:
  Follow(const PassContext& context, CollectionId id, CollectionState& state, MayWrite may_write)
      : context_(context),
        state_(state),
        may_write_(std::move(may_write)),
        path_(kinto::records_path(id)),
        applier_(context, id, 1),
        poll_(state) {
    result_.report.id = std::move(id);
    result_.report.kind = PassKind::follow;
    result_.cursor = state.checkpoint->cursor;
    result_.etag = state.checkpoint->etag;
    result_.live = state.checkpoint->live;
  }

  Task<FollowResult> run() {
    const Instant begin = context_.clock.now();
    auto done = co_await visit();
    auto flushed = co_await applier_.flush();
    if (done && !flushed) done = flushed.error();
    sum_up();
    poll_.set_aside(applier_.applied().refused, context_.clock.now());
    CollectionReport& report = result_.report;
    if (!done) report.error = done.error();
    result_.end = end();
    if (result_.end == PassEnd::confirmed) {
      result_.cursor = next_cursor_;
      result_.etag = next_etag_;
      poll_.settle(next_cursor_);
    }
    report.brake = state_.brake;
    report.state = conclude(report, context_.options.extras);
    // What was refused in an earlier pass, and waits, is no equality either.
    report.waiting = poll_.waiting();
    if (report.state == State::in_sync && report.waiting > 0) report.state = State::degraded;
    report.took = context_.clock.now() - begin;
    co_return std::move(result_);
  }

 private:
  ResultTask<void> visit() {
    kinto::Listing changes;
    changes.since = state_.checkpoint->cursor;
    ListingReader reader(context_.master, path_, std::move(changes), context_.background,
                         ListingReader::Tombstones::as_listed,
                         ListingReader::Extent::up_to_first_etag);
    while (true) {
      if (context_.stop.requested()) co_return Error(Errc::stopped, "stopped during a pass");
      auto page = co_await reader.next();
      if (!page) co_return page.error();
      if (!*page) {
        // That it is gone can only be said by all of the list.
        if (poll_.has_newest() || !reader.go_on()) break;
        continue;
      }
      if (reader.etag() < state_.checkpoint->etag) {
        // What was stored on its way is older than it may look, and no sign of a restore.
        if (!reader.stored().empty()) break;
        result_.audit_because = poll_.broken_at(reader.etag());
        co_return success();
      }
      next_cursor_ = next_cursor(reader.etag(), reader.date(), context_.options.overlap);
      next_etag_ = reader.etag();
      if (next_etag_ > Stamp{}) applier_.set_horizon(next_etag_);
      auto applied = co_await apply_page(**page);
      if (!applied) co_return applied.error();
      if (waits_) co_return success();
    }
    if (!reader.stored().empty()) {
      co_return stored_answer(context_.master.config(), path_, reader.stored());
    }
    auto looked = co_await look_for_survivors();
    if (!looked || result_.audit_because) co_return looked;
    co_await count_master();
    result_.audit_because = poll_.broken_at(next_etag_);
    if (result_.audit_because) co_return success();
    // Last, since some may be newer than what was read. Others are older, and late anyway.
    auto flushed = co_await applier_.flush();
    if (!flushed) co_return flushed.error();
    co_return co_await retry_quarantined();
  }

  // The next checkpoint will count what was written since a flush, so that it must be told before.
  ResultTask<void> look_for_survivors() {
    if (!poll_.may_be_flushed(next_etag_)) co_return success();
    kinto::Listing oldest;
    oldest.stamps_only = true;
    oldest.limit = 1;
    auto page = co_await context_.master.list(path_, std::move(oldest));
    if (!page) co_return page.error();
    if (!page->stored.empty())
      co_return stored_answer(context_.master.config(), path_, page->stored);
    const Stamp before = state_.checkpoint->etag;
    const bool left = !page->entries.empty() && page->entries.front().stamp <= before;
    if (!left) result_.audit_because = "the master has no record as old as the last checkpoint";
    co_return success();
  }

  ResultTask<void> apply_page(kinto::Page& page) {
    std::vector<kinto::Entry> fresh;
    for (kinto::Entry& entry : page.entries) {
      if (poll_.list(entry)) continue;
      fresh.push_back(std::move(entry));
      if (fresh.size() < page_window) continue;
      auto applied = co_await apply(std::exchange(fresh, {}));
      if (!applied) co_return applied.error();
    }
    co_return co_await apply(std::move(fresh));
  }

  // `changes` in ascending order; their `raw` is alive.
  ResultTask<void> apply(std::vector<kinto::Entry> changes) {
    if (changes.empty()) co_return success();
    auto resolved = co_await resolve_tombstones(context_.master, path_, changes);
    if (!resolved) co_return resolved.error();
    std::erase_if(changes, &kinto::Entry::replaced);
    if (changes.empty()) co_return success();
    if (may_write_ && !waits_) {
      const bool may = co_await may_write_();
      may_write_ = {};
      waits_ = !may;
    }
    if (waits_) co_return success();
    std::vector<std::string> ids;
    ids.reserve(changes.size());
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
    poll_.look_up(change, difference.replica, next_cursor_);
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
    std::vector<Difference> differences = to_retry(ids, std::move(*of_master), state_.quarantine);
    for (Difference& difference : differences) {
      auto added = co_await add(std::move(difference), *of_replica);
      if (!added) co_return added.error();
    }
    co_return success();
  }

  // How many records the master counts at the ETag of what was read. Without an answer the next
  // look asks again.
  Task<void> count_master() {
    std::optional<kinto::Count> count;
    if (poll_.is_counted(next_etag_)) {
      count = state_.probed;
    } else {
      auto asked = co_await context_.master.count(path_);
      if (asked && asked->stored.empty()) count = std::move(*asked);
    }
    poll_.take_count(next_etag_, count, result_);
  }

  void sum_up() {
    const Applied& applied = applier_.applied();
    CollectionReport& report = result_.report;
    report.written = applied.written;
    report.found = applied.left;
    report.quarantined = applied.refused;
    for (const std::string& one : applied.left_ids) report.add_example(one);
  }

  [[nodiscard]] PassEnd end() const {
    const auto& error = result_.report.error;
    if (error && is_hidden(error->code)) return PassEnd::hidden;
    if (result_.audit_because) return PassEnd::broken;
    if (error) return PassEnd::failed;
    return applier_.applied().confirmed() && !waits_ ? PassEnd::confirmed : PassEnd::left;
  }

  const PassContext& context_;
  CollectionState& state_;
  MayWrite may_write_;
  bool waits_ = false;  // for the collection, as the master has it now
  std::string path_;
  Applier applier_;
  Poll poll_;
  FollowResult result_;
  std::unordered_set<std::string> added_;  // since the applier was last flushed for their sake
  Stamp next_cursor_;
  Stamp next_etag_;
};

}  // namespace

Task<FollowResult> follow(const PassContext& context, CollectionId id, CollectionState& state,
                          MayWrite may_write) {
  KINTO_MIRROR_REQUIRE(state.checkpoint);
  Follow pass(context, std::move(id), state, std::move(may_write));
  co_return co_await pass.run();
}

}  // namespace kinto_mirror::sync
