// The storm: what people, clocks, front ends and operators do to the daemons.
#include "world_state.hpp"

#include <algorithm>
#include <string>

namespace kinto_mirror::simulate {

void World::storm() {
  const Instant end = timeline_.now() + scenario_.storm;
  network_.set_faults(scenario_.faults, scenario_.fault_percent);
  for (const auto& daemon : daemons_) {
    timeline_.after(Millis{random_.below(10'000)}, [this, &daemon] { start(*daemon); });
  }
  every(scenario_.between_writes, end, [this] {
    ++verdict_.writes;
    people_.write();
  });
  if (scenario_.resets) every(Millis{40'000}, end, [this] { people_.reset(); });
  if (scenario_.meddling) every(Millis{10'000}, end, [this] { people_.meddle(); });
  if (scenario_.rights) every(Millis{60'000}, end, [this] { people_.change_rights(); });
  if (scenario_.clocks) every(Millis{40'000}, end, [this] { move_clocks(); });
  if (scenario_.comebacks) every(Millis{40'000}, end, [this] { people_.come_back(); });
  if (scenario_.containers) {
    every(scenario_.between_container_writes, end, [this] {
      ++container_writes_;
      people_.write_container();
    });
  }
  if (scenario_.deleted_containers) {
    every(Millis{40'000}, end, [this] { people_.delete_container(); });
  }
  if (scenario_.drift) every(Millis{30'000}, end, [this] { people_.drift(); });
  if (scenario_.losses) every(Millis{20'000}, end, [this] { people_.lose(); });
  if (scenario_.imports) every(Millis{30'000}, end, [this] { people_.import(); });
  if (scenario_.shards > 0) every(Millis{60'000}, end, [this] { share_anew(); });
  if (scenario_.reconfigured) every(Millis{60'000}, end, [this] { reconfigure(); });
  put_up_front_ends();
  every(Millis{50'000}, end, [this] {
    if (scenario_.follow_alone) return;
    const auto& daemon = random_.pick(daemons_);
    if (daemon->process && random_.percent(30)) daemon->process->audit_now();
  });
  if (scenario_.readers_are_safe()) every(Millis{4'000}, Instant::max(), [this] { read(); });
  run_until(end);
  std::int64_t faults = 0;
  std::int64_t requests = network_.requests();
  for (const auto& [fault, times] : network_.met()) {
    (fault == Fault::limited ? requests : faults) += fault == Fault::limited ? -times : times;
  }
  Events events;
  events.changes = std::max(verdict_.writes, history_.changes());
  events.faults = faults;
  events.starts = last_run_;
  events.container_writes = container_writes_;
  events.objects = most_objects();
  const std::int64_t allowed = allowed_in_storm(scenario_, events);
  if (requests > allowed) {
    judge_.fail("P7",
                std::to_string(requests) + " requests in the storm, of " + std::to_string(allowed));
  }
}

void World::put_up_front_ends() {
  if (const auto& cache = scenario_.cache) {
    const auto put = [&](const Site& site) {
      network_.put_before(site, Cache(*cache), cache->shows, cache->percent);
    };
    if (cache->master) put(master_);
    for (const auto& replica : replicas_) {
      if (cache->replicas) put(*replica);
    }
  }
  if (const auto& limiter = scenario_.limiter) {
    timeline_.after(limiter->from, [this] { put_up_limiters(*scenario_.limiter); });
    timeline_.after(limiter->until, [this] { take_limiters_away(); });
  }
  if (const auto& lock = scenario_.lock) {
    const std::string records = records_of(scenario_.collections.front()) + "/" + lock->records;
    timeline_.after(lock->from, [this, records] {
      for (const auto& replica : replicas_) network_.lock(*replica, records);
    });
    timeline_.after(lock->until, [this] { network_.unlock_all(); });
  }
}

void World::put_up_limiters(const LimiterOptions& limiter) {
  starts_ = scenario_.daemons;
  if (limiter.master) network_.put_before(master_, Limiter(limiter));
  for (const auto& replica : replicas_) {
    if (limiter.replicas) network_.put_before(*replica, Limiter(limiter));
  }
}

void World::take_limiters_away() {
  const std::int64_t allowed = allowed_by_limiter(*scenario_.limiter, starts_);
  for (const std::int64_t asked : network_.take_limiters_away()) {
    if (asked <= allowed) continue;
    judge_.fail("P7", std::to_string(asked) + " requests to a server behind a limiter, of " +
                          std::to_string(allowed));
  }
}

void World::reconfigure() {
  change_options(draw_other_options(scenario_, random_));
  for (const auto& daemon : daemons_) {
    const Millis away{random_.percent(50) ? random_.below(5'000) : random_.below(120'000)};
    timeline_.after(away, [this, &daemon] {
      if (!daemon->process) start(*daemon);
    });
  }
}

void World::change_options(const sync::Options& options) {
  for (const auto& daemon : daemons_) daemon->process.reset();
  judge_.reconfigured(scenario_.sync);
  scenario_.sync = options;
  trace_.add([&] {
    std::string scope;
    for (const std::string& glob : options.collections) scope += " " + glob;
    return std::string("* the daemons are configured anew: extras=") +
           (options.extras == sync::Extras::keep ? "keep" : "delete") + ", overlap " +
           std::to_string(options.overlap.count() / 1000) + " s, audits each " +
           std::to_string(options.audit_interval.count() / 1000) + " s, scope" + scope;
  });
}

sync::Shard World::share_of(std::size_t daemon) const {
  const auto count = static_cast<std::uint32_t>(shards_);
  return {static_cast<std::uint32_t>(daemon) % count, count};
}

void World::become(Daemon& daemon, sync::Shard shard) {
  if (daemon.shard == shard) return;
  daemon.shard = shard;
  if (!daemon.process) return;
  daemon.process.reset();
  start(daemon);
}

void World::share_anew() {
  shards_ = static_cast<int>(random_.between(1, scenario_.daemons));
  trace_.add([&] { return "* the daemons are to be " + std::to_string(shards_) + " shards"; });
  for (std::size_t i = 0; i < daemons_.size(); ++i) {
    timeline_.after(Millis{random_.below(40'000)}, [this, i, shard = share_of(i)] {
      if (!at_peace_) become(*daemons_[i], shard);
    });
  }
}

void World::move_clocks() {
  people_.move_clocks();
  random_.pick(daemons_)->clock_wrong_by += Millis{random_.between(-100'000, 100'000)};
}

}  // namespace kinto_mirror::simulate
