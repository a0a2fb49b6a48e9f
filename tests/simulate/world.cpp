// How a world comes about, how its time passes, and how it ends.
#include "twin.hpp"
#include "world_state.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <string>

namespace kinto_mirror::simulate {

World::World(Scenario scenario, const Random& random, bool trace)
    : random_(random),
      scenario_(std::move(scenario)),
      trace_(timeline_, trace),
      master_("master", scenario_.master.kinto, timeline_, scenario_.master.wrong_by),
      replicas_(make_replicas()),
      judge_(timeline_, scenario_, master_, replicas_, history_, trace_),
      network_(timeline_, random_, judge_, trace_, scenario_.latency),
      people_(timeline_, random_, scenario_, master_, replicas_, history_, judge_, trace_),
      around_{timeline_, network_, master_, replicas_, scenario_.sync} {
  for (int i = 0; i < scenario_.daemons; ++i) {
    daemons_.push_back(std::make_unique<Daemon>(judge_, trace_));
  }
  shards_ = std::max(1, scenario_.shards);
  for (std::size_t i = 0; i < daemons_.size(); ++i) daemons_[i]->shard = share_of(i);
  for (const auto& replica : replicas_) {
    for (const CollectionId& id : scenario_.collections)
      readers_.emplace_back(*replica, id, history_);
  }
}

Verdict World::run() {
  verdict_.scenario = describe(scenario_);
  trace_.add([&] { return verdict_.scenario; });
  if (scenario_.odd_stamps || scenario_.clocks) history_.stamps_run_ahead();
  if (scenario_.sees_buckets) {
    master_.kinto().options().bucket_read_principals = {master_.daemons_principal()};
  }
  try {
    people_.begin();
    storm();
    converge();
    rest();
    hear_a_last_word();
    say_so();
    end();
  } catch (const std::exception& bug) {
    judge_.fail("bug", std::string("an exception: ") + bug.what());
  }
  verdict_.failure = judge_.failure();
  verdict_.faults = network_.met();
  verdict_.requests = network_.requests();
  verdict_.virtual_ms = timeline_.now().time_since_epoch().count() - 1'000'000;
  return verdict_;
}

std::vector<std::unique_ptr<Site>> World::make_replicas() {
  std::vector<std::unique_ptr<Site>> out;
  for (const SiteOptions& site : scenario_.replicas) {
    out.push_back(std::make_unique<Site>("replica-" + std::to_string(out.size() + 1), site.kinto,
                                         timeline_, site.wrong_by));
  }
  return out;
}

void World::every(Millis time, Instant end, const std::function<void()>& what) {
  timeline_.after(Millis{random_.between(1, 2 * time.count())}, [this, time, end, what] {
    if (timeline_.now() >= end) return;
    what();
    every(time, end, what);
  });
}

void World::start(Daemon& daemon) {
  daemon.ear.now_hears(++last_run_);
  daemon.run = last_run_;
  ++starts_;
  trace_.add([&] { return "run " + std::to_string(last_run_) + " starts"; });
  daemon.process = std::make_unique<Process>(around_, last_run_, Process::Command::follow,
                                             daemon.clock_wrong_by, daemon.ear, daemon.shard);
  const bool mortal = scenario_.crashes && !at_peace_;
  daemon.dies_after = mortal ? random_.between(1, random_.percent(50) ? 200 : 5'000) : 0;
  if (mortal && scenario_.while_away) daemon.dies_after = random_.between(100, 500);
}

void World::kill(Daemon& daemon) {
  trace_.add([&] { return "run dies after " + std::to_string(daemon.process->steps()); });
  ++verdict_.crashes;
  daemon.process.reset();
  if (scenario_.while_away) people_.import();
  const std::int64_t longest = scenario_.while_away ? 60'000 : 20'000;
  timeline_.after(Millis{random_.between(0, longest)}, [this, &daemon] {
    if (!daemon.process) start(daemon);
  });
}

void World::run_until(Instant end) {
  do {
    run_ready();
  } while (!judge_.failure() && timeline_.step(end));
}

void World::run_ready() {
  constexpr std::int64_t endless = 1'000'000;
  std::int64_t steps = 0;
  for (bool some = true; some && !judge_.failure();) {
    some = false;
    for (const auto& daemon : daemons_) {
      if (!daemon->process || !daemon->process->step()) continue;
      some = true;
      if (const auto reached = daemon->process->reached()) {
        judge_.barrier_reached(daemon->run, reached->since, reached->places);
      }
      if (daemon->process->steps() == daemon->dies_after) kill(*daemon);
    }
    if (once_ && once_->step()) some = true;
    if (++steps > endless) judge_.fail("P7", "a daemon is busy for ever");
  }
}

void World::read() {
  for (Reader& reader : readers_) {
    const bool loaded = judge_.loaded(reader.replica(), reader.collection());
    if (!reader.started() && !loaded) continue;
    const std::string uri = path_of(reader.collection());
    reader.poll(judge_.containers().purges(reader.replica(), uri));
    // At once: what he misses now may be written anew before the end.
    check(reader);
  }
}

void World::check(const Reader& reader) {
  const std::string missed = is_judged(reader) ? reader.missed() : std::string();
  if (missed.empty()) return;
  judge_.fail("P6", "a reader of " + reader.replica().name() + " " + reader.collection().str() +
                        " has missed " + missed);
}

bool World::is_judged(const Reader& reader) const {
  const bool blurred = std::ranges::any_of(scenario_.faults, [](Fault fault) {
    return fault == Fault::part_fails || fault == Fault::late_request ||
           fault == Fault::duplicate || fault == Fault::no_etag;
  });
  // Who is told of a replica as it was, and cannot see it, is refused, and writes out of turn.
  const auto& cache = scenario_.cache;
  const bool deceived = cache && cache->replicas && cache->shows != CacheOptions::Shows::age;
  return reader.started() && !blurred && !deceived && scenario_.daemons == 1 &&
         !judge_.was_quarantined(reader.replica(), reader.collection());
}

void World::end() {
  if (judge_.failure()) return;
  for (const auto& daemon : daemons_) daemon->process->terminate();
  run_until(timeline_.now() + Millis{10'000});
  for (const auto& daemon : daemons_) {
    if (!daemon->process->ended()) judge_.fail("P7", "SIGTERM does not end a daemon");
  }
  for (const auto& replica : replicas_) {
    const Contents own = replica->contents({"own", "a"});
    const bool whole = own.size() == 1 && own.begin()->second.stamp == 7;
    if ((!scenario_.resets && !whole) || replica->shows({"other", "a"})) {
      judge_.fail("P10", "something that is not in scope was touched");
    }
  }
}

Verdict simulate(std::uint64_t seed, bool trace) {
  Random random(seed);
  const Scenario scenario = draw_scenario(seed, random);
  if (scenario.twin) return simulate_twin(scenario, random, trace);
  World world(scenario, random, trace);
  return world.run();
}

}  // namespace kinto_mirror::simulate
