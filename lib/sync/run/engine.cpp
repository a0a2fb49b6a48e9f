#include "sync/run/engine.hpp"

#include "sync/run/single_run.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>

namespace kinto_mirror::sync {

Engine::Engine(Options options, kinto::Server& master, std::vector<kinto::Server*> replicas,
               Clock& clock, Stop& stop, Observer& observer)
    : options_(std::move(options)),
      master_(master),
      replicas_(std::move(replicas)),
      clock_(clock),
      stop_(stop),
      observer_(observer) {
  if (options_.checkpoint_file.empty()) return;
  checkpoint_file_ = std::make_shared<CheckpointFile>(options_.checkpoint_file);
}

std::unique_ptr<CheckpointStore> Engine::checkpoints_for(kinto::Server& replica) const {
  const std::string& master = master_.config().url;
  if (!checkpoint_file_) return checkpoints_on_replica(replica, master);
  return checkpoints_in_file(checkpoint_file_, replica.config().url, master);
}

Task<void> Engine::once(kinto::Server& replica, ReplicaReport& report) {
  TaskGroup background(co_await boost::asio::this_coro::executor);
  ReplicaTraits traits;
  const PassContext context{master_, replica,    options_,  clock_,
                            stop_,   background, observer_, traits};
  const auto checkpoints = checkpoints_for(replica);
  SingleRun run(context, *checkpoints);
  report = co_await run.run();
  co_await background.join();
}

Task<RunReport> Engine::once() {
  TaskGroup runs(co_await boost::asio::this_coro::executor);
  RunReport report;
  report.replicas.resize(replicas_.size());
  for (std::size_t i = 0; i < replicas_.size(); ++i) {
    runs.spawn(once(*replicas_[i], report.replicas[i]));
  }
  co_await runs.join();
  co_return report;
}

// A bug in one loop ends the daemon, which its supervisor starts anew: else that replica would be
// left alone, and nobody told.
Task<void> Engine::run(ReplicaLoop& loop) {
  try {
    co_await loop.run();
    if (loop.refusal()) refusal_ = loop.refusal();
  } catch (...) {
    stop_.request();
    throw;
  }
}

Task<void> Engine::follow() {
  const auto executor = co_await boost::asio::this_coro::executor;
  TaskGroup background(executor);
  TaskGroup loops(executor);
  std::vector<std::unique_ptr<CheckpointStore>> stores;
  std::vector<std::unique_ptr<ReplicaTraits>> traits;
  for (kinto::Server* replica : replicas_) {
    traits.push_back(std::make_unique<ReplicaTraits>());
    const PassContext context{master_, *replica,   options_,  clock_,
                              stop_,   background, observer_, *traits.back()};
    stores.push_back(checkpoints_for(*replica));
    loops_.push_back(std::make_unique<ReplicaLoop>(context, *stores.back()));
    loops.spawn(run(*loops_.back()));
  }
  co_await loops.join();
  loops_.clear();
  co_await background.join();
}

std::vector<Standing> Engine::standings() const {
  std::vector<Standing> all;
  for (const auto& loop : loops_) all.push_back(loop->standing());
  return all;
}

Engine::Meant Engine::audit(const std::vector<std::string>& patterns) {
  Meant all;
  for (const auto& loop : loops_) all.merge(loop->audit(patterns));
  return all;
}

Result<Engine::Meant> Engine::pause(const std::vector<std::string>& patterns) {
  const Scope which(patterns);
  const bool some = std::ranges::any_of(
      loops_, [&which](const auto& loop) { return !loop->matching(which).empty(); });
  Meant all;
  if (!some) return all;
  for (const auto& loop : loops_) {
    auto meant = loop->pause(patterns);
    if (!meant) return meant.error();
    all.merge(*meant);
  }
  return all;
}

Result<Engine::Meant> Engine::resume(const std::vector<std::string>& patterns) {
  Meant all;
  for (const auto& loop : loops_) {
    auto meant = loop->resume(patterns);
    if (!meant) return meant.error();
    all.merge(*meant);
  }
  return all;
}

Engine::Meant Engine::release(const CollectionId& id) {
  Meant all;
  for (const auto& loop : loops_) all.merge(loop->release(id));
  return all;
}

void Engine::take(const Options& options) {
  options_ = options;
  for (const auto& loop : loops_) loop->take(options);
}

bool Engine::is_busy_with(const Scope& which) const {
  return std::ranges::any_of(loops_, [&which](const auto& loop) {
    return loop->keeps_tree() || !loop->visits(which).empty();
  });
}

Engine::Meant Engine::visits(const Scope& which) const {
  Meant all;
  for (const auto& loop : loops_) all.merge(loop->visits(which));
  return all;
}

}  // namespace kinto_mirror::sync
