#include "process.hpp"

#include "sim_transport.hpp"
#include "sync/decide/barrier.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <utility>

namespace kinto_mirror::simulate {

Process::Process(const Surroundings& around, Run run, Command command, const Millis& clock_wrong_by,
                 sync::Observer& observer, sync::Shard shard)
    : around_(around), run_(run), waiters_(std::make_shared<Waiters>(io_)) {
  clock_.emplace(around.timeline, waiters_, clock_wrong_by);
  servers_.push_back(connect(around.master, "master", command));
  std::vector<kinto::Server*> replicas;
  if (around.twin) {
    servers_.push_back(connect(around.master, "twin", command));
    replicas.push_back(servers_.back().get());
  }
  for (const auto& site : around.replicas) {
    servers_.push_back(connect(*site, site->name(), command));
    replicas.push_back(servers_.back().get());
  }
  sync::Options options = around.options;
  options.shard = shard;
  engine_.emplace(std::move(options), *servers_.front(), std::move(replicas), *clock_, stop_,
                  observer);
  boost::asio::co_spawn(io_, work(command), [this](std::exception_ptr error) {
    bug_ = std::move(error);
    ended_ = true;
  });
}

Process::~Process() {
  // Suspended coroutines unwind through the context, which destroys them without running anything.
  waiters_->forget_all();
}

std::unique_ptr<kinto::Server> Process::connect(Site& site, const std::string& name,
                                                Command command) {
  kinto::ServerConfig config;
  config.name = name;
  config.url = "http://" + name + ".test/v1";
  config.base_path = "/v1";
  config.authorization = Site::daemons_authorization(site.name());
  // As the daemon's commands set them.
  config.retry.patience = command == Command::once ? Millis{15'000} : Millis{5'000};
  config.retry.longest_wait = command == Command::once ? Millis{40'000} : Millis{300'000};
  config.gather = kinto::usual_gather;
  const bool several = around_.replicas.size() + (around_.twin ? 1 : 0) > 1;
  if (name == "master" && several) config.linger = kinto::usual_linger;
  auto transport =
      std::make_unique<SimTransport>(around_.network, around_.timeline, waiters_, site, name, run_);
  return std::make_unique<kinto::Server>(std::move(config), std::move(transport), *clock_, stop_);
}

Task<void> Process::work(Command command) {
  if (command == Command::follow) {
    co_await engine_->follow();
  } else {
    report_ = co_await engine_->once();
  }
}

bool Process::step() {
  // Nothing from outside comes to it but by a waiter that is woken.
  if (waiters_->take_woken()) idle_ = false;
  if (idle_) return false;
  io_.restart();
  const bool ran = io_.poll_one() > 0;
  idle_ = !ran;
  if (ran) ++steps_;
  if (bug_) std::rethrow_exception(std::exchange(bug_, nullptr));
  return ran;
}

void Process::terminate() {
  if (stop_.requested()) return;
  stop_.request();
  constexpr Millis grace{7'000};
  around_.timeline.after(grace, [this, weak = std::weak_ptr(waiters_)] {
    if (weak.expired()) return;
    for (const auto& server : servers_) server->abort();
  });
}

void Process::audit_now() {
  ordered_ = {around_.timeline.now(), clock_->now()};
  engine_->audit({"*/*"});
}

std::optional<Process::Reached> Process::reached() {
  if (!ordered_) return std::nullopt;
  const sync::Scope all({"*/*"});
  const std::vector<sync::Standing> standings = engine_->standings();
  const bool open = standings.empty() || std::ranges::any_of(standings, [&](const auto& one) {
                      return !sync::look_at_barrier(one, all, ordered_->second).reached();
                    });
  if (open) return std::nullopt;
  Reached out;
  out.since = std::exchange(ordered_, std::nullopt)->first;
  for (const sync::Standing& one : standings) {
    for (const auto& [id, state] : *one.listed) out.places.emplace_back(one.replica, id);
  }
  return out;
}

}  // namespace kinto_mirror::simulate
