#include "sync/run/single_run.hpp"

#include "base/future.hpp"
#include "sync/decide/brake.hpp"
#include "sync/decide/proof.hpp"
#include "sync/read/discover.hpp"
#include "sync/run/side_by_side.hpp"
#include "sync/write/identity.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::sync {

namespace {

// A master that is written all the time is compared so often, and then reported as it stood.
constexpr int max_rounds = 3;
// A pass that failed is repeated while the run is younger than this.
constexpr Millis patience{45'000};
// Before the first repetition, and more before the next.
constexpr Millis pause{1'000};

void add_up(CollectionReport& sum, CollectionReport last) {
  last.written += sum.written;
  last.took += sum.took;
  sum = std::move(last);
}

// No poll comes after a single run: what was left to one is a difference.
void count_newer(AuditResult& result) noexcept {
  if (result.newer == 0 || result.report.error) return;
  result.report.found.differs += result.newer;
  if (result.report.state == State::in_sync) result.report.state = State::different;
}

// What would stop the deletes of a run that writes. The state stays as it was found: nothing waits
// for an operator.
std::optional<BrakeReport> brake_ahead(const Options& options, const AuditResult& result,
                                       const Before& before) {
  const CollectionReport& report = result.report;
  if (!options.dry_run || options.extras != Extras::remove || report.error) return std::nullopt;
  BrakeInput input;
  input.deletes = report.found.extra - report.found.undeleted;
  input.replica_live = report.replica;
  input.master_live = report.master;
  input.nothing_left = before.live > 0 && before.etag > Stamp{} && result.seen.survivors == 0;
  return pulled(options.max_delete, input);
}

}  // namespace

bool concerns_server(Errc code) noexcept {
  return code == Errc::unreachable || code == Errc::untrusted || code == Errc::failing ||
         code == Errc::overloaded || code == Errc::credentials || code == Errc::not_kinto ||
         code == Errc::read_only || code == Errc::stopped;
}

ResultTask<Shown> greet(const PassContext& context) {
  auto looking = Future<Shown>::start(context.background, look_for_identity(context.replica));
  auto of_master = context.master.hello();
  auto of_replica = context.replica.hello();
  auto [master, replica] =
      co_await both(context.background, std::move(of_master), std::move(of_replica));
  if (!master) co_return master.error();
  if (!replica) co_return replica.error();
  if (replica->read_only) {
    const kinto::ServerConfig& server = context.replica.config();
    const std::string why = "is a read-only node; give the URL of the writable one behind it";
    if (!context.options.dry_run) {
      co_return kinto::error_of(server, Errc::read_only, why);
    }
    context.observer.notice(server.name, CollectionId(), why + ": nothing can be copied to it");
  }
  context.traits.user = replica->user;
  context.traits.master_user = master->user;
  context.traits.master_has_history = master->has_history;
  Shown shown = co_await looking.get();
  co_return shown;
}

void tell_resets(const PassContext& context, const CollectionReport& report, const Before& before,
                 const Seen& seen) {
  if (report.error) return;
  for (const std::string& reset : resets(before, seen)) {
    context.observer.notice(context.replica.config().name, report.id, reset);
  }
}

Checkpoint checkpoint_of(const PassContext& context, const AuditResult& result) {
  Checkpoint checkpoint;
  checkpoint.master = context.master.config().url;
  checkpoint.collection = result.report.id;
  checkpoint.cursor = result.cursor;
  checkpoint.etag = result.etag;
  checkpoint.live = result.live;
  checkpoint.audited = result.date;
  const std::vector<Refusal>& refused = result.report.quarantined;
  checkpoint.quarantined = static_cast<std::int64_t>(refused.size());
  for (std::size_t i = 0; i < std::min(refused.size(), Checkpoint::max_refused); ++i) {
    checkpoint.refused.push_back(refused[i].id);
  }
  checkpoint.untold = result.untold;
  return checkpoint;
}

Checkpoint to_store(const std::optional<BrakeReport>& brake, Checkpoint now,
                    const std::optional<Checkpoint>& before) {
  if (!brake) return now;
  if (brake->master_lost && before) now = *before;
  now.braked = true;
  now.withdrawn = false;  // what there is to be had is there
  return now;
}

Task<ReplicaReport> SingleRun::run() {
  give_up_ = context_.clock.now() + patience;
  ReplicaReport report;
  report.name = context_.replica.config().name;
  report.url = context_.replica.config().url;
  auto done = co_await visit_all(report);
  if (!done) report.error = done.error();
  std::ranges::sort(report.collections, {}, &CollectionReport::id);
  co_return report;
}

ResultTask<void> SingleRun::visit_all(ReplicaReport& report) {
  auto greeted = co_await greet(context_);
  if (!greeted) co_return greeted.error();
  auto apart =
      Future<Result<void>>::start(context_.background, tell_apart(context_, std::move(*greeted)));
  const Scope scope(context_.options.collections, context_.options.shard);
  ToldOfScope told;
  TreePass tree(context_, scope, checkpoints_);
  auto listing = Future<Result<void>>::start(context_.background, tree.read_buckets());
  auto discovering = discover(context_, scope, told);
  auto reading = checkpoints_.read();
  auto [found, read] =
      co_await both(context_.background, std::move(discovering), std::move(reading));
  Result<void> containers = co_await listing.get();
  std::optional<std::set<std::string>> all;
  if (found && read && containers) containers = co_await tree.read(*found, std::move(all));
  // Before anything is written, and before what a server says that is asked to copy itself.
  const auto two = co_await apart.get();
  if (!two) co_return two.error();
  if (!found) co_return found.error();
  found->add(tree.unlisted());
  const std::vector<CollectionId>* const ids = &found->ids;
  if (!read) co_return read.error();
  before_ = checkpoints_.all();
  report.elsewhere = static_cast<std::int64_t>(found->others.size());
  if (ids->empty() && !found->refused) tell_nothing_in_scope(context_, *found);
  if (containers) containers = co_await before_records(tree);
  if (!containers && concerns_server(containers.error().code)) co_return containers.error();
  std::vector<CollectionId> live = *ids;
  std::erase_if(live, [&tree](const CollectionId& id) { return tree.deleted().contains(id); });
  const auto visits = co_await smallest_first(context_, std::move(live));
  if (!visits) co_return visits.error();
  SideBySide side_by_side(context_.background.executor(), context_.options.parallel);
  for (const Visit& one : *visits) {
    co_await side_by_side.wait_for_place(one.size);
    side_by_side.spawn(one.size, visit(one.id, report));
  }
  co_await side_by_side.join();
  if (containers && !server_lost_) containers = co_await behind_records(tree, report);
  report.containers = tree.report();
  if (!containers) report.containers.fail(containers.error());
  context_.observer.containers_done(report.name, report.containers);
  if (context_.options.extras == Extras::remove && !server_lost_) {
    auto added = co_await add_not_shown(tree, *ids, report);
    if (!added) co_return added.error();
  }
  if (found->refused) co_return *found->refused;
  // There may be more than it named.
  if (!found->stored.empty())
    co_return stored_answer(context_.master.config(), "/buckets", found->stored);
  co_return success();
}

ResultTask<void> SingleRun::before_records(TreePass& tree) {
  auto done = co_await tree.before_records();
  if (!done) co_return done.error();
  for (const CollectionId& id : tree.gone()) {
    auto forgotten = co_await checkpoints_.forget(id);
    if (!forgotten) co_return forgotten.error();
    before_.erase(id);
  }
  co_return success();
}

ResultTask<void> SingleRun::behind_records(TreePass& tree, const ReplicaReport& report) {
  std::set<CollectionId> loaded;
  for (const CollectionReport& one : report.collections) {
    // What waits for somebody's leave, or is refused, does not come below what was read.
    const bool all =
        one.state == State::in_sync || one.state == State::degraded || one.state == State::brake;
    if (all && !one.not_on_replica) loaded.insert(one.id);
  }
  if (!context_.options.shard.is_all()) {
    auto read = co_await checkpoints_.read();  // what the others have loaded, or lost, meanwhile
    if (!read) co_return read.error();
  }
  TreePass::Loaded is_loaded = [loaded = std::move(loaded)](const CollectionId& id) {
    return loaded.contains(id);
  };
  co_return co_await tree.behind_records(std::move(is_loaded));
}

// In an exact mirror, a collection that only the replica has is a difference. It is never touched:
// the master may have been flushed, or its listing restricted.
ResultTask<void> SingleRun::add_not_shown(const TreePass& tree,
                                          const std::vector<CollectionId>& shown,
                                          ReplicaReport& report) {
  const Scope scope(context_.options.collections, context_.options.shard);
  auto held = co_await discover(context_.replica, context_.background, scope);
  if (!held) {
    if (is_hidden(held.error().code)) co_return success();
    co_return held.error();
  }
  if (held->refused && is_hidden(held->refused->code)) co_return success();
  if (held->refused) co_return *held->refused;
  for (const CollectionId& id : held->ids) {
    if (std::ranges::binary_search(shown, id) || tree.deleted().contains(id)) continue;
    auto count = co_await context_.replica.count(kinto::records_path(id));
    if (!count) continue;  // listed by its name in the scope only
    CollectionReport collection;
    collection.id = id;
    collection.state = State::not_shown;
    collection.replica = count->live;
    collection.found.extra = count->live;
    report.collections.push_back(std::move(collection));
  }
  co_return success();
}

Task<void> SingleRun::visit(CollectionId id, ReplicaReport& report) {
  CollectionReport collection = co_await settle(id);
  if (collection.error && concerns_server(collection.error->code)) server_lost_ = collection.error;
  context_.observer.pass_done(report.name, collection);
  report.collections.push_back(std::move(collection));
}

Task<CollectionReport> SingleRun::settle(CollectionId id) {
  bool resets_told = false;
  CollectionReport sum;
  sum.id = id;
  Instant give_up = give_up_;
  for (int round = 1; round <= max_rounds; ++round) {
    if (server_lost_) {
      sum.error = *server_lost_;
      co_return sum;
    }
    const auto before = before_.find(id);
    const bool known = before != before_.end();
    const Before then = known ? before_of(before->second) : Before{};
    BeforeFilling fills = [this, id] { return checkpoints_.withdraw(id); };
    AuditResult result = co_await audit(context_, id, then, std::move(fills));
    if (!result.report.error && !std::exchange(resets_told, true)) {
      tell_resets(context_, result.report, then, result.seen);
    }
    if (moves_checkpoint(result.end) && !context_.options.dry_run) {
      std::optional<Checkpoint> stored;
      if (known) stored = before->second;
      Checkpoint checkpoint =
          to_store(result.report.brake, checkpoint_of(context_, result), stored);
      auto kept = co_await checkpoints_.store(std::move(checkpoint));
      if (!kept) result.fail(kept.error());
    }
    const bool failed = result.report.error && is_transient(result.report.error->code);
    const bool held_up = result.report.error && result.report.error->code == Errc::held_up;
    const bool vanished = result.report.error && result.report.state == State::failed &&
                          result.report.error->code == Errc::not_found;
    const bool gets_on = !result.report.error && result.more_extras;
    const bool open = result.moved || result.newer > 0 || result.end == PassEnd::left;
    if (!context_.options.dry_run) count_newer(result);
    if (context_.options.dry_run) result.report.brake = brake_ahead(context_.options, result, then);
    add_up(sum, std::move(result.report));
    const bool again = !context_.options.dry_run && (failed || vanished || open || gets_on);
    if (held_up || gets_on) {
      // Each such pass has found one record that the next one gets past, or deleted many.
      --round;
      give_up = std::max(give_up, context_.clock.now() + patience);
    }
    if (!again || context_.clock.now() >= give_up || context_.stop.requested()) break;
    if (failed) co_await context_.clock.sleep(std::max(1, round) * pause, context_.stop);
  }
  co_return sum;
}

}  // namespace kinto_mirror::sync
