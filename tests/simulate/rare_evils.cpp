#include "rare_evils.hpp"

#include <algorithm>

namespace kinto_mirror::simulate {

namespace {

// Only a look that sees each comeback at once can take it for nothing: no daemon may be busy with
// failures, or be started anew.
void draw_unnoticed(Scenario& scenario, Random& random) {
  scenario.comebacks = scenario.fresh_ids = scenario.unnoticed = true;
  scenario.imports = scenario.reconfigured = scenario.crashes = false;
  scenario.limiter.reset();
  scenario.cache.reset();
  scenario.fault_percent = std::min<std::int64_t>(scenario.fault_percent, 2);
  scenario.storm = Millis{random.between(120, 240) * 1000};
  scenario.latency = std::min(scenario.latency, Millis{50});
  scenario.sync.interval = Millis{random.between(6, 10) * 1000};
}

// So long that what a poll could not write leaves the overlap, while others are written to the
// master.
void draw_lock(Scenario& scenario, Random& random) {
  scenario.limiter.reset();
  scenario.cache.reset();
  scenario.daemons = 1;
  scenario.fault_percent = std::min<std::int64_t>(scenario.fault_percent, 5);
  scenario.sync.overlap = Millis{random.between(5, 10) * 1000};
  scenario.reconfigured = false;  // which may draw another overlap
  scenario.comebacks = scenario.imports = false;
  scenario.between_writes = Millis{random.between(200, 2'000)};
  // One poll brings several batches, of which some have none of the records.
  for (SiteOptions& site : scenario.replicas) {
    site.kinto.batch_max_requests = random.between(2, 4);
  }
  Lock lock;
  if (random.percent(70)) lock.records = random.percent(50) ? "r1" : "r2";
  lock.from = Millis{random.between(20, 60) * 1000};
  lock.until = lock.from + Millis{random.between(40, 120) * 1000};
  scenario.storm = lock.until + Millis{random.between(20, 60) * 1000};
  scenario.lock = lock;
}

// Somebody deletes collections of the replicas, and what loads them again fails now and then, while
// rights wait to be given.
void draw_losses(Scenario& scenario, Random& random) {
  scenario.losses = true;
  scenario.daemons = 1;  // what one has counted another one cannot know
  scenario.deleted_containers = scenario.mere_reader = scenario.odd_records = false;
  scenario.comebacks = scenario.imports = false;
  scenario.limiter.reset();
  scenario.faults = {Fault::html, Fault::cut_body, Fault::status_403, Fault::lost_answer};
  scenario.fault_percent = random.between(5, 20);
  scenario.records = random.between(10, 40);
  if (scenario.sync.permissions == sync::Permissions::keep) {
    scenario.sync.permissions = sync::Permissions::read;
  }
}

// A collection that is deleted and made anew between two looks: only the master's history tells
// that what it had until then is gone.
void draw_history(Scenario& scenario, Random& random) {
  const bool some = scenario.comebacks || scenario.deleted_containers;
  if (!some || scenario.master.kinto.age != model::Age::today || !random.percent(50)) return;
  scenario.master.kinto.history = true;
}

}  // namespace

void draw_rare(Scenario& scenario, Random& random) {
  if (scenario.twin) return;
  if (scenario.follow_alone) {
    const std::int64_t which = random.below(100);
    if (which < 15) {
      draw_unnoticed(scenario, random);
    } else if (which < 45) {
      draw_lock(scenario, random);
    }
  } else if (scenario.readers_are_safe()) {
    const std::int64_t which = random.below(100);
    if (which < 20) {
      draw_lock(scenario, random);
    } else if (which < 45) {
      draw_unnoticed(scenario, random);
      scenario.daemons = 1;
      scenario.sync.extras = sync::Extras::keep;
    }
  } else if (scenario.containers && random.percent(30)) {
    draw_losses(scenario, random);
  }
  draw_history(scenario, random);
}

void draw_shards(Scenario& scenario, Random& random) {
  if (scenario.twin || scenario.daemons == 1 || !random.percent(40)) return;
  scenario.daemons = static_cast<int>(random.between(2, 3));
  scenario.shards = static_cast<int>(random.between(2, scenario.daemons));
  if (random.percent(50)) scenario.sees_buckets = true;
}

std::string describe_rare(const Scenario& scenario) {
  std::string out;
  if (scenario.shards > 0) out += ", " + std::to_string(scenario.shards) + " shard(s) at first";
  if (scenario.unnoticed) out += ", comebacks between looks";
  if (scenario.lock) {
    out += ", the replicas' " + scenario.collections.front().str() + "/" + scenario.lock->records +
           "* locked " + std::to_string(scenario.lock->from.count() / 1000) + ".." +
           std::to_string(scenario.lock->until.count() / 1000) + " s";
  }
  if (scenario.losses) out += ", losses";
  if (scenario.master.kinto.history) out += ", the master keeps a history";
  return out;
}

}  // namespace kinto_mirror::simulate
