#include "sync/run/tree_keeper.hpp"

#include "base/future.hpp"
#include "sync/decide/visits.hpp"

#include <algorithm>
#include <ranges>

namespace kinto_mirror::sync {

namespace {

const std::string root = "/buckets";

// Between two tries of what is not as it should be and will not change by itself: a minute, doubled
// up to an hour, as for records in quarantine.
Millis wait_after_tries(int tries) noexcept {
  constexpr Millis minute{60'000};
  constexpr int most = 6;
  return std::min<Millis>(minute * (1 << std::clamp(tries - 1, 0, most)), 60 * minute);
}

bool stays(const ContainerDifference& one) noexcept {
  using Kind = ContainerDifference::Kind;
  return one.kind == Kind::extra || one.kind == Kind::quarantined ||
         one.kind == Kind::unknown_permissions;
}

}  // namespace

TreeKeeper::TreeKeeper(const PassContext& context, const Scope& scope,
                       KnownCheckpoints& checkpoints)
    : context_(context), scope_(scope), checkpoints_(checkpoints) {}

std::vector<std::string> TreeKeeper::endpoints_of(const std::string& bucket) const {
  std::vector<std::string> out{kinto::collections_path(bucket)};
  const bool groups = context_.options.groups == Groups::follow && scope_.owns_bucket(bucket);
  if (groups) out.push_back(kinto::groups_path(bucket));
  return out;
}

std::vector<std::string> TreeKeeper::endpoints() const {
  std::vector<std::string> out{root};
  for (const auto& [bucket, branch] : branches_) {
    std::ranges::copy(endpoints_of(bucket), std::back_inserter(out));
  }
  return out;
}

TreeKeeper::Look TreeKeeper::pick(const Counts& counts, const std::vector<std::string>& paths) {
  Look out;
  for (const std::string& path : paths) {
    const auto count = counts.by_path.find(path);
    const bool answered = count != counts.by_path.end();
    out[path] =
        answered ? std::optional(std::pair(count->second.etag, count->second.live)) : std::nullopt;
  }
  return out;
}

TreeKeeper::Looks TreeKeeper::looks_at(const std::string& bucket) const {
  const std::vector<std::string> paths = endpoints_of(bucket);
  return {pick(master_, paths), pick(replica_, paths)};
}

// Of the master's lists that tell which collections there are.
TreeKeeper::Look TreeKeeper::look_at_lists() const {
  std::vector<std::string> paths{root};
  for (const std::string& bucket : listed_) paths.push_back(kinto::collections_path(bucket));
  return pick(master_, paths);
}

void TreeKeeper::take_counts(const Counts& master, const Counts& replica) {
  master_ = master;
  replica_ = replica;
  const Look now = look_at_lists();
  const bool answered =
      std::ranges::all_of(now, [](const auto& one) { return one.second.has_value(); });
  wants_list_ = !clean_ || !answered || listed_at_ != now;
}

// As it was counted before: what changed since then is met the next time.
void TreeKeeper::listed(const Discovered& found) {
  found_ = found;
  const bool same = listed_ == found.listed;
  listed_ = found.listed;
  clean_ = same && found.whole();
  listed_at_ = look_at_lists();
  for (const auto* ids : {&found.ids, &found.others}) {
    for (const CollectionId& id : *ids) branches_.try_emplace(id.bucket);
  }
  for (const std::string& bucket : listed_) branches_.try_emplace(bucket);
}

std::set<std::string> TreeKeeper::due() const {
  std::set<std::string> out;
  const Instant now = context_.clock.now();
  for (const auto& [bucket, branch] : branches_) {
    if (context_.traits.pauses.holds_bucket(bucket)) continue;
    const bool moved = !branch.settled || *branch.settled != looks_at(bucket);
    if (moved || branch.again <= now) out.insert(bucket);
  }
  return out;
}

// The list of buckets moved on some side: of those in scope, which?
ResultTask<void> TreeKeeper::look_at_buckets() {
  Looks now{pick(master_, {root}), pick(replica_, {root})};
  if (root_ == now) co_return success();
  const bool first = !root_.has_value();
  TreeWish wish;
  wish.objects_only = true;
  for (const auto& [bucket, branch] : branches_) wish.buckets.insert(bucket);
  TreeWish of_replica = wish;
  auto reading = read_tree(context_.master, context_.background, std::move(wish));
  auto beside = read_tree(context_.replica, context_.background, std::move(of_replica));
  auto [master, replica] =
      co_await both(context_.background, std::move(reading), std::move(beside));
  if (!master) co_return master.error();
  if (!replica) co_return replica.error();
  for (auto& [bucket, branch] : branches_) {
    const ContainerId id = bucket_container(bucket);
    std::pair<std::optional<Stamp>, std::optional<Stamp>> stamps;
    if (const Container* const said = master->alive(id)) stamps.first = said->stamp;
    if (const Container* const held = replica->alive(id)) stamps.second = held->stamp;
    if (branch.stamps != stamps && !first) branch.settled.reset();
    branch.stamps = stamps;
  }
  root_ = std::move(now);
  co_return success();
}

ResultTask<void> TreeKeeper::before_records() {
  pass_.reset();
  visited_.clear();
  const bool first = !root_.has_value();
  auto looked = co_await look_at_buckets();
  if (!looked) co_return looked.error();
  std::set<std::string> chosen = due();
  // A bucket that the master deleted while nobody followed is in no list of collections.
  if (chosen.empty() && !first) co_return success();
  before_.clear();
  std::unique_ptr<TreePass> pass;
  pass_begun_ = context_.clock.now();
  for (bool more = true; more;) {
    for (const std::string& bucket : chosen) before_[bucket] = looks_at(bucket);
    pass = std::make_unique<TreePass>(context_, scope_, checkpoints_);
    auto listed = co_await pass->read_buckets();
    if (!listed) co_return listed.error();
    std::optional<std::set<std::string>> only(chosen);
    auto read = co_await pass->read(found_, std::move(only));
    if (!read) co_return read.error();
    more = false;
    for (const std::string& bucket : pass->left_over()) {
      if (context_.traits.pauses.holds_bucket(bucket)) continue;
      if (branches_.try_emplace(bucket).second) more = chosen.insert(bucket).second;
    }
  }
  auto done = co_await pass->before_records();
  if (!done) co_return done.error();
  visited_ = std::move(chosen);
  pass_ = std::move(pass);
  std::erase_if(deleted_, [this](const CollectionId& id) { return visited_.contains(id.bucket); });
  deleted_.insert(pass_->deleted().begin(), pass_->deleted().end());
  tell_under_way();
  co_return success();
}

ResultTask<void> TreeKeeper::behind_records(TreePass::Loaded loaded) {
  if (!pass_) co_return success();
  auto done = co_await pass_->behind_records(std::move(loaded));
  if (!done) co_return done.error();
  for (const std::string& bucket : visited_) {
    Branch& branch = branches_[bucket];
    branch.report = pass_->report(bucket);
    branch.settled = std::move(before_[bucket]);
    branch.stamps = pass_->stamps(bucket);
    schedule(branch, branch.report.written.all() > 0);
    remember(bucket, branch.report);
    // In the next round again.
    if (pass_->waits(bucket)) branch.settled.reset();
  }
  context_.observer.containers_done(context_.replica.config().name, standing(nullptr));
  // Gone on both sides: there is nothing more to look after.
  for (const std::string& bucket : visited_) {
    const Branch& branch = branches_[bucket];
    const bool shown = listed_.contains(bucket) || branch.stamps.first || branch.stamps.second;
    const auto in_it = [&bucket](const CollectionId& id) { return id.bucket == bucket; };
    const bool wanted =
        std::ranges::any_of(found_.ids, in_it) || std::ranges::any_of(found_.others, in_it);
    if (!shown && !wanted && !pass_->left_over().contains(bucket)) {
      branches_.erase(bucket);
      standings_.erase(bucket);
    }
  }
  co_return success();
}

void TreeKeeper::remember(const std::string& bucket, const ContainersReport& report) {
  BucketStanding& known = standings_[bucket];
  known.compared = pass_begun_;
  known.state = report.state;
  known.why.clear();
  if (report.error) {
    known.why = report.error->message;
  } else if (!report.differences.empty()) {
    known.why = report.differences.front().id + ", " + report.differences.front().reason;
  }
  known.stays = !report.error && !report.differences.empty() &&
                std::ranges::all_of(report.differences, stays);
}

// Late commits move no ETag: once more when the overlap behind a change is over.
void TreeKeeper::schedule(Branch& branch, bool wrote) {
  const Instant now = context_.clock.now();
  if (wrote) branch.late = now + context_.options.overlap + context_.options.interval;
  branch.again = now + context_.options.audit_interval;
  if (branch.late > now) branch.again = std::min(branch.again, branch.late);
  const bool well = branch.report.state == State::in_sync;
  branch.tries = well || wrote ? 0 : branch.tries + 1;
  if (well) return;
  const bool failed = branch.report.state == State::failed;
  const Millis wait =
      failed ? wait_after(branch.tries, context_.options.interval) : wait_after_tries(branch.tries);
  branch.again = std::min(branch.again, now + wait);
}

// With `pass`, what is known now of the buckets that it visits.
ContainersReport TreeKeeper::standing(const TreePass* pass) const {
  ContainersReport all;
  for (const auto& [bucket, branch] : branches_) {
    const bool visited = visited_.contains(bucket);
    ContainersReport one = pass != nullptr && visited ? pass->report(bucket) : branch.report;
    // Of what was written, that of this pass.
    if (!visited) {
      one.same += one.written.created + one.written.updated;
      one.written = {};
    }
    all += one;
  }
  std::ranges::sort(all.differences, {}, &ContainerDifference::id);
  all.state = conclude(all, context_.options.extras);
  return all;
}

void TreeKeeper::tell_under_way() {
  const ContainersReport now = standing(pass_.get());
  if (now.state == State::in_sync) return;
  context_.observer.containers_under_way(context_.replica.config().name, now);
}

std::map<CollectionId, Stamp> TreeKeeper::written() const {
  return pass_ ? pass_->written() : std::map<CollectionId, Stamp>();
}

std::vector<CollectionId> TreeKeeper::unlisted() const {
  return pass_ ? pass_->unlisted() : std::vector<CollectionId>();
}

std::vector<CollectionId> TreeKeeper::gone() const {
  return pass_ ? pass_->gone() : std::vector<CollectionId>();
}

void TreeKeeper::compare(const Scope& which) {
  for (auto& [bucket, branch] : branches_) {
    if (!which.touches(bucket)) continue;
    branch.settled.reset();
    branch.tries = 0;
  }
}

}  // namespace kinto_mirror::sync
