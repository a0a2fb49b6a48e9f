#include "sync/run/audit.hpp"

#include "sync/decide/checkpoint.hpp"
#include "sync/decide/proof.hpp"
#include "sync/read/bodies.hpp"
#include "sync/read/listing_reader.hpp"
#include "sync/read/schema_note.hpp"
#include "sync/read/visibility.hpp"
#include "sync/read/walk.hpp"
#include "sync/write/applier.hpp"
#include "sync/write/containers.hpp"
#include "sync/write/extras.hpp"
#include "sync/write/free_stamps.hpp"

#include <algorithm>
#include <iterator>

namespace kinto_mirror::sync {

namespace {

using kinto::Count;

// Differences that are worked on at a time, and so held with their bodies.
constexpr std::size_t window = 250;
// Rows of the replica that may wait for their counterparts.
constexpr std::size_t max_pending = 100'000;
// Batches in flight into a collection that nobody can read yet.
constexpr int load_in_flight = 4;

class Audit {
 public:
  Audit(const PassContext& context, CollectionId id, Before before)
      : context_(context), before_(before), join_(max_pending, before.etag) {
    result_.report.id = std::move(id);
  }

  Task<AuditResult> run() {
    const Instant begin = context_.clock.now();
    auto done = co_await visit();
    CollectionReport& report = result_.report;
    if (!done) report.error = done.error();
    if (report.state != State::not_shown) report.state = conclude(report, context_.options.extras);
    // Where something was passed over, nothing is known to be equal.
    if (report.state == State::in_sync && !result_.confirmed) report.state = State::different;
    report.took = context_.clock.now() - begin;
    co_return std::move(result_);
  }

 private:
  ResultTask<void> visit() {
    auto master = co_await sight_of(context_.master, result_.report.id, context_.clock);
    if (!master && !is_hidden(master.error().code)) co_return master.error();
    auto replica = co_await sight_of(context_.replica, result_.report.id, context_.clock);
    if (replica) result_.replica_live = result_.report.replica = replica->count.live;
    if (!master) {
      if (is_hidden(master.error().code)) {
        result_.report.state = State::not_shown;
        result_.report.found.extra = result_.report.replica;
      }
      co_return master.error();
    }
    const std::int64_t expected = master->count.live;
    result_.report.master = result_.live = expected;
    shown_ = master->whole;
    if (shown_ && replica) shown_ = replica->whole;
    of_master_.before = std::move(master->count);
    if (replica) of_replica_.before = std::move(replica->count);
    bool created = false;
    if (!replica) {
      auto made = co_await without_replica(replica.error());
      if (!made) co_return made.error();
      created = *made;
    }
    const std::int64_t held = of_replica_.before.live;
    // Most of it is to be written: read it with bodies at once.
    if (held * 2 < expected) result_.report.kind = PassKind::load;
    const bool list_replica = replica.has_value() || !dry();
    co_return co_await compare(created, list_replica, expected);
  }

  // True when the replica has the collection now, newly created.
  ResultTask<bool> without_replica(const Error& why) {
    if (!is_hidden(why.code)) co_return why;
    if (!dry()) co_return co_await ensure_collection(context_, result_.report.id);
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

  ResultTask<void> compare(bool created, bool list_replica, std::int64_t expected) {
    Applier applier(context_, result_.report.id, created ? load_in_flight : 1);
    auto walked = co_await walk(applier, list_replica, expected);
    auto flushed = co_await applier.flush();
    if (walked && !flushed) walked = flushed.error();
    if (walked) walked = shown_;
    if (walked) walked = co_await look_again(context_.master, of_master_);
    if (walked && list_replica) walked = co_await look_again(context_.replica, of_replica_);
    if (walked) walked = co_await prove(applier.applied());
    if (walked) take_count();
    CollectionReport& report = result_.report;
    if (auto note = co_await schema_note(context_, report.id)) report.notes.push_back(*note);
    if (walked && !dry() && context_.options.extras == Extras::remove && !join_.extras().empty()) {
      auto removed = co_await remove_extras(context_, join_, applier, report, before_,
                                            is_of_one_etag(of_master_));
      auto settled = co_await applier.flush();
      extras_gone_ = true;
      if (!removed) walked = removed.error();
      if (removed) newer_ += removed->newer;
      if (removed) unsettled_ += removed->open;
      if (walked && !settled) walked = settled.error();
    }
    // What has left its stamp may have been in the way of a record that stands beside it now.
    const Applied& applied = applier.applied();
    if (applied.written.updated + applied.written.deleted > 0) unsettled_ += applied.beside;
    sum_up(applied);
    if (walked && list_replica) {
      // What was written moved under the walk, and others may write too: only the server knows.
      if (of_replica_.after) result_.replica_live = of_replica_.after->live;
      if (extras_gone_) {
        auto count = co_await context_.replica.count(kinto::records_path(report.id));
        result_.replica_live.reset();
        if (count) result_.replica_live = count->live;
      }
      if (applied.anything() && result_.replica_live) report.replica = *result_.replica_live;
    }
    if (walked) result_.surplus = surplus();
    co_return walked;
  }

  // As the servers count where that can be held against each other, else as the walk found it.
  // (What memory backends do not count, only the counts tell.)
  [[nodiscard]] std::optional<std::int64_t> surplus() const {
    const CollectionReport& report = result_.report;
    const bool walk_tells = of_master_.marked + of_replica_.marked == 0;
    if (!result_.replica_live || !result_.counted) {
      return walk_tells ? std::optional(report.found.extra) : std::nullopt;
    }
    const std::int64_t counted = *result_.replica_live +
                                 std::ranges::count_if(report.quarantined, &Refusal::lacking) -
                                 result_.live;
    // Fewer than were met: some have gone behind the walk.
    return walk_tells ? std::max(counted, report.found.extra) : counted;
  }

  ResultTask<void> look_again(kinto::Server& server, Whole& whole) {
    auto sight = co_await sight_of(server, result_.report.id, context_.clock);
    if (!sight) co_return sight.error();
    whole.after = std::move(sight->count);
    co_return sight->whole;
  }

  // N and E of a checkpoint come from one answer, or N is unknown. Of two answers it is the one
  // that the list agrees with: what came under past stamps behind the walk must break the chain.
  void take_count() {
    const Whole& whole = of_master_;
    const bool earlier = whole.before.etag == result_.etag;
    const bool later = whole.after->etag == result_.etag;
    const bool only_later = later && (!earlier || (!is_exactly(whole, whole.before.live) &&
                                                   is_exactly(whole, whole.after->live)));
    if (only_later) result_.live = whole.after->live;
    result_.counted = earlier || later;
  }

  // Whether what was listed is of now, and the whole: only then may something be concluded from
  // what was not met.
  ResultTask<void> prove(const Applied& applied) {
    auto proven = co_await prove(context_.master, of_master_, of_master_stored_, 0);
    if (!proven || of_replica_.before.etag == Stamp{}) co_return proven;
    const std::int64_t own = applied.written.grown();
    co_return co_await prove(context_.replica, of_replica_, of_replica_stored_, own);
  }

  // `own`: records that we have brought into it since the count.
  ResultTask<void> prove(kinto::Server& server, const Whole& whole, const std::string& stored,
                         std::int64_t own) {
    const std::string path = kinto::records_path(result_.report.id);
    if (!stored.empty()) co_return stored_answer(server, path, stored);
    if (!whole.before.stored.empty()) co_return stored_answer(server, path, whole.before.stored);
    // Held against whichever count shares its ETag.
    const std::int64_t later = whole.after->live - own;
    const bool is_later = is_of_later_etag(whole);
    if (is_of_one_etag(whole)) {
      if (agrees(whole) || (is_later && agrees(whole, later))) co_return success();
      if (!is_later) co_return not_the_whole(server, result_.report.id, whole, whole.before.live);
    } else if (!is_later || is_exactly(whole, later)) {
      co_return success();
    }
    co_return not_the_whole(server, result_.report.id, whole, later);
  }

  static void take_stock(const ListingReader& reader, Whole& whole, std::string& stored) {
    whole.first_etag = reader.etag();
    whole.last_etag = reader.last_etag();
    whole.live = reader.live();
    whole.marked = reader.marked();
    stored = reader.stored();
  }

  ResultTask<void> walk(Applier& applier, bool list_replica, std::int64_t expected) {
    const std::string path = kinto::records_path(result_.report.id);
    kinto::Listing everything;
    everything.since = before_all;  // tombstones too
    everything.stamps_only = true;
    kinto::Listing of_master = everything;
    of_master.stamps_only = dry() || result_.report.kind != PassKind::load;
    of_master.expected = of_master_.before.live;
    Side master(context_.master, path, std::move(of_master), context_.background);
    std::optional<Side> replica;
    if (list_replica) {
      everything.expected = of_replica_.before.live;
      replica.emplace(context_.replica, path, std::move(everything), context_.background);
    } else {
      join_.replica_ended();
    }
    std::int64_t rows = 0;
    while (true) {
      if (context_.stop.requested()) co_return Error(Errc::stopped, "stopped during the walk");
      if (master.needs_page()) {
        auto loaded = co_await master.load();
        if (!loaded) co_return loaded.error();
        horizon_ = master.reader().etag();
        result_.cursor = next_cursor(horizon_, master.reader().date(), context_.options.overlap);
        if (horizon_ > Stamp{}) applier.set_horizon(horizon_);
        context_.observer.progress(result_.report.id, rows, expected);
      }
      if (replica && replica->needs_page()) {
        auto loaded = co_await replica->load();
        if (!loaded) co_return loaded.error();
        // What an old list of the replica lacks would be written, or not deleted, out of turn.
        const std::string& stored = replica->reader().stored();
        if (!stored.empty()) co_return stored_answer(context_.replica, path, stored);
        if (replica->ended()) join_.replica_ended();
      }
      if (!step(master, replica ? &*replica : nullptr)) break;
      ++rows;
      if (join_.settled() < window) continue;
      auto processed = co_await process(applier);
      if (!processed) co_return processed.error();
    }
    join_.finish();
    auto processed = co_await process(applier);
    if (!processed) co_return processed.error();
    const ListingReader& first = master.reader();
    result_.etag = first.etag();
    result_.date = first.date();
    result_.seen.etag = first.etag();
    result_.seen.master_live = join_.master_live();
    result_.seen.survivors = join_.survivors();
    result_.seen.lost = join_.lost();
    result_.moved = unsettled_ > 0 || first.last_etag() != first.etag();
    take_stock(first, of_master_, of_master_stored_);
    if (replica) take_stock(replica->reader(), of_replica_, of_replica_stored_);
    co_return success();
  }

  // Feeds the join the older of the two rows in front. False when there is none.
  bool step(Side& master, Side* replica) {
    const bool has_replica = replica != nullptr && !replica->ended();
    if (!master.ended() && (!has_replica || master.row().stamp <= replica->row().stamp)) {
      const Row row = master.row();
      if (newer_than_walk(row, master.reader())) {
        join_.overtaken(row);
        ++newer_;
      } else {
        join_.master(row);
        remember(row);
      }
      master.advance();
    } else if (has_replica) {
      join_.replica(replica->row());
      replica->advance();
    } else {
      return false;
    }
    return true;
  }

  // Written since the first page was read. Were it applied now, older changes of before it, which
  // this walk has passed already, would come after it, and readers would miss them (P6). (A stamp
  // above the ETag of its own page is no sign: memory backends forget the ETag at a purge.)
  static bool newer_than_walk(const Row& row, const ListingReader& walk) noexcept {
    // Kinto reads a page's ETag before its rows, so that those may be newer still.
    const bool written_to = walk.etag() > Stamp{} && walk.last_etag() > walk.etag();
    return written_to && row.stamp > walk.etag();
  }

  ResultTask<void> process(Applier& applier) {
    std::vector<Difference> differences = join_.take();
    if (differences.empty()) co_return success();
    if (dry()) {
      if (!join_.replica_repeats_stamps()) {
        auto meant = co_await drop_meant(context_, result_.report.id, differences);
        if (!meant) co_return meant.error();
        meant_ += *meant;
      }
      for (const Difference& difference : differences) count(difference);
      co_return success();
    }
    // Many may have become settled at once, where they share a stamp.
    for (std::size_t begin = 0; begin < differences.size(); begin += window) {
      const std::size_t end = std::min(differences.size(), begin + window);
      const auto from = std::make_move_iterator(differences.begin());
      std::vector<Difference> some(from + static_cast<std::ptrdiff_t>(begin),
                                   from + static_cast<std::ptrdiff_t>(end));
      auto processed = co_await repair(applier, std::move(some));
      if (!processed) co_return processed.error();
    }
    co_return success();
  }

  ResultTask<void> repair(Applier& applier, std::vector<Difference> differences) {
    auto asked = co_await ask_for_not_held(context_, result_.report.id, differences);
    if (!asked) co_return asked.error();
    const std::int64_t rows = rows_between(differences);
    std::vector<Write> writes;
    for (Difference& difference : differences) writes.push_back(to_write(std::move(difference)));
    auto complete =
        co_await with_bodies(context_, result_.report.id, std::move(writes), rows, horizon_);
    if (!complete) co_return complete.error();
    unsettled_ += std::ssize(complete->open);
    for (const std::string& one : complete->open) result_.report.add_example(one);
    newer_ += complete->newer;
    for (Write& write : complete->writes) {
      auto added = co_await applier.add(std::move(write));
      if (!added) co_return added.error();
    }
    co_return success();
  }

  // What the next poll will read again. A tombstone that was committed late, when the walk had met
  // the record already, is not carried out by it.
  void remember(const Row& row) {
    if (row.stamp >= result_.newest.stamp) result_.newest = Newest{std::string(row.id), row.stamp};
    if (row.tombstone || row.stamp <= result_.cursor ||
        result_.recent.size() >= Remembered::max_held)
      return;
    result_.recent.push_back(Change{std::string(row.id), row.stamp, row.tombstone});
  }

  void count(const Difference& difference) {
    CollectionReport& report = result_.report;
    report.add_example(difference.change.id);
    if (difference.change.tombstone) {
      ++report.found.undeleted;
    } else if (difference.replica) {
      ++report.found.differs;
    } else {
      ++report.found.missing;
    }
  }

  void sum_up(const Applied& applied) {
    CollectionReport& report = result_.report;
    report.master = join_.master_live();
    report.replica = join_.replica_live() + applied.written.grown();
    report.written = applied.written;
    report.same = join_.same() + meant_ + applied.already;
    if (dry()) {
      const std::int64_t drifted = join_.found_later() - meant_;
      report.found.missing = std::max<std::int64_t>(0, report.found.missing - drifted);
      report.found.differs += drifted;
    } else {
      report.found = applied.left;
    }
    if (!dry()) report.found.differs += unsettled_;
    for (const std::string& one : applied.left_ids) report.add_example(one);
    report.found.extra = static_cast<std::int64_t>(join_.extras().size()) +
                         join_.extras_not_held() + report.found.undeleted;
    report.quarantined = applied.refused;
    // The replica never had what it refuses, and the master has it still.
    const std::int64_t refused = applied.lacking_up_to(before_.etag);
    result_.seen.lost = std::max<std::int64_t>(0, result_.seen.lost - refused);
    result_.seen.survivors += refused;
    result_.confirmed = unsettled_ == 0 && applied.confirmed();
    result_.newer = newer_ + applied.newer;
  }

  [[nodiscard]] bool dry() const noexcept { return context_.options.dry_run; }

  const PassContext& context_;
  Before before_;
  AuditResult result_;
  MergeJoin join_;
  std::int64_t meant_ = 0;
  Stamp horizon_;           // the master's ETag at the first page; 0: it gave none
  std::int64_t newer_ = 0;  // rows of it that were left to the next poll
  // Records that were another one when they were looked at again, or stand beside a stamp that this
  // very pass may have made free.
  std::int64_t unsettled_ = 0;
  bool extras_gone_ = false;
  Result<void> shown_ = success();  // whether both showed the whole before the walk
  Whole of_master_;
  Whole of_replica_;
  std::string of_master_stored_;
  std::string of_replica_stored_;
};

}  // namespace

Task<AuditResult> audit(const PassContext& context, CollectionId id, Before before) {
  Audit pass(context, std::move(id), before);
  co_return co_await pass.run();
}

}  // namespace kinto_mirror::sync
