#include "sync/extras.hpp"

#include "sync/brake.hpp"
#include "sync/look_up.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

namespace {

// Looked up and deleted at a time.
constexpr std::size_t chunk_size = 500;

BrakeReport pulled(const BrakeInput& input, const Options& options, const MergeJoin& join) {
  constexpr std::size_t shown = 5;
  BrakeReport brake;
  brake.would_delete = input.deletes;
  brake.allowed =
      master_looks_lost(input) ? 0 : allowed_deletes(options.max_delete, input.replica_live);
  for (const auto& [id, stamp] : join.extras()) {
    brake.ids.push_back(id);
    std::ranges::push_heap(brake.ids);
    if (brake.ids.size() <= shown) continue;
    std::ranges::pop_heap(brake.ids);
    brake.ids.pop_back();
  }
  std::ranges::sort(brake.ids);
  return brake;
}

// What becomes of one extra, now that the master was asked for it. Written since the walk began, it
// comes with the next poll: now, it would overtake older changes, which readers would miss then.
std::optional<Write> removal(const std::string& id, Stamp replica_stamp, const Found* master,
                             std::optional<Stamp> horizon) {
  Write write;
  write.change.id = id;
  write.change.tombstone = true;
  write.replica = Known{replica_stamp, false};
  write.action = Action::remove;
  if (master == nullptr) {
    write.for_lack = true;
    return write;
  }
  if (!master->tombstone || (horizon && master->stamp > *horizon)) return std::nullopt;
  write.change.stamp = master->stamp;
  write.placed = master->stamp;
  return write;
}

}  // namespace

ResultTask<void> remove_extras(const PassContext& context, MergeJoin& join, Applier& applier,
                               CollectionReport& report, const Before& before) {
  BrakeInput input;
  input.deletes = static_cast<std::int64_t>(join.extras().size()) + join.extras_not_held();
  input.replica_live = join.replica_live();
  input.master_live = join.master_live();
  input.nothing_left = before.live > 0 && join.survivors() == 0;
  if (brake_holds(context.options.max_delete, input)) {
    report.brake = pulled(input, context.options, join);
    co_return success();
  }
  std::vector<std::pair<std::string, Stamp>> extras(join.extras().begin(), join.extras().end());
  std::ranges::sort(extras, {}, [](const auto& extra) { return extra.second; });
  for (std::size_t begin = 0; begin < extras.size(); begin += chunk_size) {
    const std::size_t end = std::min(extras.size(), begin + chunk_size);
    std::vector<std::string> ids;
    for (std::size_t i = begin; i < end; ++i) ids.push_back(extras[i].first);
    auto found = co_await look_up(context.master, report.id, std::move(ids), With::stamps);
    if (!found) co_return found.error();
    for (std::size_t i = begin; i < end; ++i) {
      const auto& [id, stamp] = extras[i];
      const auto master = found->find(id);
      auto write =
          removal(id, stamp, master == found->end() ? nullptr : &master->second, applier.horizon());
      join.forget_extra(id);
      if (!write) continue;
      auto added = co_await applier.add(std::move(*write));
      if (!added) co_return added.error();
    }
    auto flushed = co_await applier.flush();
    if (!flushed) co_return flushed.error();
  }
  co_return success();
}

}  // namespace kinto_mirror::sync
