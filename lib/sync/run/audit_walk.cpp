#include "sync/run/audit_walk.hpp"

#include "sync/decide/checkpoint.hpp"
#include "sync/read/bodies.hpp"
#include "sync/write/closing_mark.hpp"
#include "sync/write/free_stamps.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace kinto_mirror::sync {

namespace {

// Differences that are worked on at a time, and so held with their bodies.
constexpr std::size_t window = 250;
// Rows of the replica that may wait for their counterparts.
constexpr std::size_t max_pending = 100'000;
// The same where all are to be told by name; and of the master's rows, too.
constexpr std::size_t max_pending_names = 1'000'000;

// Written since the first page was read. Were it applied now, older changes of before it, which
// this walk has passed already, would come after it, and readers would miss them (P6). (A stamp
// above the ETag of its own page is no sign: memory backends forget the ETag at a purge.)
bool newer_than_walk(const Row& row, const ListingReader& walk) noexcept {
  // Kinto reads a page's ETag before its rows, so that those may be newer still.
  const bool written_to = walk.etag() > Stamp{} && walk.last_etag() > walk.etag();
  return written_to && row.stamp > walk.etag();
}

bool is_live(const Difference& difference) noexcept {
  return !difference.change.tombstone;
}

}  // namespace

AuditWalk::AuditWalk(const PassContext& context, AuditResult& result, Evidence& evidence,
                     const Before& before)
    : context_(context),
      result_(result),
      evidence_(evidence),
      join_(context.options.names ? max_pending_names : max_pending, before.etag, bodies()) {
  if (!context.options.dry_run) return;
  const bool names = context.options.names;
  findings_.emplace([this](std::string_view id, Finding finding) { tell(id, finding); },
                    names ? max_pending_names : CollectionReport::max_named, before.refused);
}

bool AuditWalk::bodies() const noexcept {
  return context_.options.dry_run && context_.options.bodies;
}

void AuditWalk::tell(std::string_view id, Finding finding) {
  if (context_.options.names) {
    context_.observer.compared(context_.replica.config().name, result_.report.id, id, finding);
  }
  std::vector<RecordDifference>& named = result_.report.differences;
  if (finding == Finding::same || named.size() >= CollectionReport::max_named) return;
  named.push_back({std::string(id), finding});
}

ResultTask<void> AuditWalk::run(Applier& applier, bool list_replica) {
  const std::string path = kinto::records_path(result_.report.id);
  kinto::Listing everything;
  everything.since = before_all;  // tombstones too
  everything.stamps_only = !bodies();
  kinto::Listing of_master = everything;
  const bool loads = !context_.options.dry_run && result_.report.kind == PassKind::load;
  of_master.stamps_only = !loads && !bodies();
  of_master.expected = evidence_.master_live();
  Side master(context_.master, path, std::move(of_master), context_.background);
  std::optional<Side> replica;
  if (list_replica) {
    everything.expected = evidence_.replica_live();
    replica.emplace(context_.replica, path, std::move(everything), context_.background);
  } else {
    join_.replica_ended();
  }
  while (true) {
    if (context_.stop.requested()) co_return Error(Errc::stopped, "stopped during the walk");
    if (master.needs_page()) {
      auto loaded = co_await load_master(master, applier);
      if (!loaded) co_return loaded.error();
    }
    if (replica && replica->needs_page()) {
      auto loaded = co_await load_replica(*replica);
      if (!loaded) co_return loaded.error();
    }
    if (!step(master, replica ? &*replica : nullptr)) break;
    if (join_.settled() < window) continue;
    auto processed = co_await process(applier);
    if (!processed) co_return processed.error();
  }
  join_.finish();
  auto processed = co_await process(applier);
  if (!processed) co_return processed.error();
  if (findings_) findings_->end(join_);
  end(master.reader());
  evidence_.walked(master.reader(), replica ? &replica->reader() : nullptr);
  co_return success();
}

ResultTask<void> AuditWalk::load_master(Side& master, Applier& applier) {
  auto loaded = co_await master.load();
  if (!loaded) co_return loaded.error();
  horizon_ = master.reader().etag();
  result_.cursor = next_cursor(horizon_, master.reader().date(), context_.options.overlap);
  if (horizon_ > Stamp{}) applier.set_horizon(horizon_);
  tell_progress(applier);
  co_return success();
}

// Of the master's records: rows of the replica are no progress.
void AuditWalk::tell_progress(const Applier& applier) const {
  const std::int64_t open = join_.master_open() + in_hand_ + applier.open();
  context_.observer.progress(context_.replica.config().name, result_.report.id,
                             join_.master_live() - open, evidence_.master_live());
}

ResultTask<void> AuditWalk::load_replica(Side& replica) {
  auto loaded = co_await replica.load();
  if (!loaded) co_return loaded.error();
  // What an old list of the replica lacks would be written, or not deleted, out of turn.
  const std::string& stored = replica.reader().stored();
  if (!stored.empty()) {
    co_return stored_answer(context_.replica.config(), kinto::records_path(result_.report.id),
                            stored);
  }
  replica_etag_ = replica.reader().etag();
  if (replica.ended()) join_.replica_ended();
  co_return success();
}

// Feeds the join the older of the two rows in front. False when there is none.
bool AuditWalk::step(Side& master, Side* replica) {
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
    const Row row = replica->row();
    replica_newest_ = row.stamp;
    if (row.id == closing_mark_id && !row.tombstone) {
      met_closing_mark_ = row.stamp;
    } else {
      const Met met = join_.replica(row);
      if (findings_ && met == Met::same) findings_->same(row.id);
      if (findings_ && met == Met::later) findings_->found_later(row.id);
    }
    replica->advance();
  } else {
    return false;
  }
  return true;
}

// What the next poll will read again. A tombstone that was committed late, when the walk had met
// the record already, is not carried out by it.
void AuditWalk::remember(const Row& row) {
  if (row.stamp >= result_.newest.stamp) result_.newest = Newest{std::string(row.id), row.stamp};
  const bool full = result_.recent.size() >= Remembered::max_held;
  if (row.tombstone || row.stamp <= result_.cursor || full) return;
  result_.recent.push_back(Change{std::string(row.id), row.stamp, row.tombstone});
}

void AuditWalk::end(const ListingReader& master) {
  result_.etag = master.etag();
  result_.date = master.date();
  result_.seen.etag = master.etag();
  result_.seen.master_live = join_.master_live();
  result_.seen.survivors = join_.survivors();
  result_.seen.lost = join_.lost();
  result_.moved = unsettled_ > 0 || master.last_etag() != master.etag();
}

ResultTask<void> AuditWalk::process(Applier& applier) {
  std::vector<Difference> differences = join_.take();
  if (differences.empty()) co_return success();
  if (context_.options.dry_run) co_return co_await report(std::move(differences));
  std::int64_t behind = std::ranges::count_if(differences, is_live);
  // Many may have become settled at once, where they share a stamp.
  for (std::size_t begin = 0; begin < differences.size(); begin += window) {
    const std::size_t end = std::min(differences.size(), begin + window);
    const auto from = std::make_move_iterator(differences.begin());
    std::vector<Difference> some(from + static_cast<std::ptrdiff_t>(begin),
                                 from + static_cast<std::ptrdiff_t>(end));
    in_hand_ = behind;
    behind -= std::ranges::count_if(some, is_live);
    auto processed = co_await repair(applier, std::move(some));
    if (!processed) co_return processed.error();
    in_hand_ = behind;
  }
  co_return success();
}

ResultTask<void> AuditWalk::report(std::vector<Difference> differences) {
  if (!join_.replica_repeats_stamps()) {
    auto meant = co_await drop_meant(context_, result_.report.id, differences);
    if (!meant) co_return meant.error();
    meant_ += std::ssize(*meant);
    for (const std::string& id : *meant) findings_->same(id);
  }
  auto compared = co_await drop_same_by_value(differences);
  if (!compared) co_return compared.error();
  for (const Difference& difference : differences) count(difference);
  co_return success();
}

ResultTask<void> AuditWalk::drop_same_by_value(std::vector<Difference>& differences) {
  auto read = co_await read_both_bodies(context_, result_.report.id, differences);
  if (!read) co_return read.error();
  const auto differs = [](const Difference& one) {
    return !one.spelled_otherwise || !same_body(one.record, one.of_replica);
  };
  const auto same = std::stable_partition(differences.begin(), differences.end(), differs);
  for (auto one = same; one != differences.end(); ++one) findings_->same(one->change.id);
  same_by_value_ += differences.end() - same;
  differences.erase(same, differences.end());
  co_return success();
}

ResultTask<void> AuditWalk::repair(Applier& applier, std::vector<Difference> differences) {
  auto asked = co_await ask_for_not_held(context_, result_.report.id, differences);
  if (!asked) co_return asked.error();
  const std::int64_t rows = rows_between(differences);
  std::vector<Write> writes;
  writes.reserve(differences.size());
  for (Difference& difference : differences) writes.push_back(to_write(std::move(difference)));
  auto complete =
      co_await with_bodies(context_, result_.report.id, std::move(writes), rows, horizon_);
  if (!complete) co_return complete.error();
  unsettled_ += std::ssize(complete->open);
  for (const std::string& one : complete->open) result_.report.add_example(one);
  newer_ += complete->newer;
  for (Write& write : complete->writes) {
    if (!write.change.tombstone) --in_hand_;
    auto added = co_await applier.add(std::move(write));
    if (!added) co_return added.error();
  }
  co_return success();
}

void AuditWalk::count(const Difference& difference) {
  CollectionReport& report = result_.report;
  findings_->add(difference, join_.replica_has_ended());
  report.add_example(difference.change.id);
  if (difference.change.tombstone) {
    ++report.found.undeleted;
  } else if (difference.replica) {
    ++report.found.differs;
  } else {
    ++report.found.missing;
  }
}

}  // namespace kinto_mirror::sync
