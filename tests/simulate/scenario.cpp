#include "scenario.hpp"

#include "container_evils.hpp"
#include "more_evils.hpp"
#include "rare_evils.hpp"

#include <algorithm>

namespace kinto_mirror::simulate {

namespace {

using std::int64_t;

SiteOptions draw_site(Random& random, bool skewed) {
  SiteOptions site;
  site.kinto.profile = random.percent(50) ? model::Profile::memory : model::Profile::postgresql;
  if (random.percent(40)) site.kinto.max_fetch_size = random.between(3, 12);
  if (random.percent(20)) site.kinto.paginate_by = random.between(3, 12);
  if (random.percent(40)) site.kinto.batch_max_requests = random.between(2, 6);
  site.kinto.retry_after_s = random.between(1, 5);
  if (skewed) site.wrong_by = Millis{random.between(-90'000, 90'000)};
  return site;
}

sync::Options draw_options(Random& random) {
  sync::Options options;
  options.interval = Millis{random.between(2, 10) * 1000};
  options.overlap = Millis{random.percent(70) ? 60'000 : random.between(5, 30) * 1000};
  options.audit_interval = Millis{random.between(60, 240) * 1000};
  if (random.percent(40)) options.extras = sync::Extras::remove;
  if (random.percent(20)) options.max_delete.value = random.percent(50) ? 100 : 30;
  options.parallel = random.percent(70) ? 4 : 1;
  return options;
}

std::vector<Fault> draw_faults(Random& random) {
  std::vector<Fault> out;
  const bool all = random.percent(20);
  for (const Fault fault : all_faults) {
    if (all || random.percent(25)) out.push_back(fault);
  }
  return out;
}

// What may bring a record back, or set it aside for an hour, is left out.
void make_follow_alone(Scenario& scenario, Random& random) {
  scenario.follow_alone = true;
  scenario.daemons = 1;
  scenario.sync.audit_interval = Millis{3'600'000};
  scenario.late_commits = random.percent(50);
  std::erase_if(scenario.faults, [](Fault fault) {
    return fault == Fault::late_request || fault == Fault::duplicate ||
           fault == Fault::part_fails || fault == Fault::status_413;
  });
}

Scenario draw_world(std::uint64_t seed, Random& random) {
  Scenario scenario;
  scenario.seed = seed;
  // A third of the worlds is calm enough for the strictest checks.
  const bool gentle = random.percent(30);
  scenario.master = draw_site(random, !gentle && random.percent(40));
  const int64_t replicas = random.percent(70) ? 1 : random.between(2, 3);
  for (int64_t i = 0; i < replicas; ++i) {
    scenario.replicas.push_back(draw_site(random, !gentle && random.percent(40)));
  }
  scenario.daemons = random.percent(30) ? 2 : 1;
  scenario.sync = draw_options(random);
  scenario.collections = {{"b", "a"}};
  if (random.percent(50)) scenario.collections.emplace_back("b", "b");
  scenario.sync.collections = {"b/*"};
  if (random.percent(50)) {
    scenario.sync.collections.clear();
    for (const CollectionId& id : scenario.collections) {
      scenario.sync.collections.push_back(id.str());
    }
  }
  scenario.prepared = random.percent(60);
  scenario.records = random.percent(20) ? 0 : random.between(1, 40);
  scenario.storm = Millis{random.between(30, 240) * 1000};
  scenario.latency = Millis{random.percent(80) ? random.between(1, 20) : random.between(50, 400)};
  scenario.between_writes = Millis{random.between(200, 8000)};
  if (random.percent(70)) {
    scenario.faults = draw_faults(random);
    if (!scenario.faults.empty()) scenario.fault_percent = random.between(1, 25);
  }
  scenario.crashes = random.percent(40);
  if (gentle && random.percent(50)) {
    make_follow_alone(scenario, random);
  } else if (gentle) {
    // Long audits, with changes while they go on.
    scenario.sync.audit_interval = Millis{random.between(15, 60) * 1000};
    scenario.latency = Millis{random.between(50, 800)};
    scenario.between_writes = Millis{random.between(200, 2000)};
  }
  if (gentle) return scenario;
  scenario.odd_stamps = random.percent(50);
  const auto pages = [](const SiteOptions& site) {
    return site.kinto.paginate_by > 0 || site.kinto.max_fetch_size < 100;
  };
  scenario.very_odd_stamps = scenario.odd_stamps && !pages(scenario.master) &&
                             std::ranges::none_of(scenario.replicas, pages);
  scenario.late_commits = random.percent(50);
  scenario.odd_records = random.percent(40);
  scenario.resets = random.percent(35);
  scenario.meddling = random.percent(35);
  scenario.rights = random.percent(25);
  if (scenario.rights && random.percent(50)) {
    // No brake holds back who takes a part for the whole.
    scenario.sync.extras = sync::Extras::remove;
    scenario.sync.max_delete.value = 100;
  }
  scenario.clocks = random.percent(25);
  return scenario;
}

// A collection comes back with what its deletion has left of it, which may be gone on the replica
// meanwhile (hazard 24).
bool leaves_orphans(const SiteOptions& site) noexcept {
  return site.kinto.profile == model::Profile::postgresql && site.kinto.max_fetch_size < 100;
}

bool is_right(const SiteOptions& site) noexcept {
  return site.wrong_by == Millis{0};
}

}  // namespace

Scenario draw_scenario(std::uint64_t seed, Random& random) {
  Scenario scenario = draw_world(seed, random);
  // From dice of its own, so that a world that draws none of it is what it was without.
  constexpr std::uint64_t others = 0x9e37'79b9'7f4a'7c15;
  Random more(seed ^ others);
  draw_more(scenario, more);
  constexpr std::uint64_t still_others = 0xbf58'476d'1ce4'e5b9;
  Random loads(seed ^ still_others);
  draw_load(scenario, loads);
  constexpr std::uint64_t yet_others = 0x94d0'49bb'1331'11eb;
  Random restarts(seed ^ yet_others);
  draw_restarts(scenario, restarts);
  constexpr std::uint64_t last_others = 0xd6e8'feb8'6659'fd93;
  Random containers(seed ^ last_others);
  draw_containers(scenario, containers);
  constexpr std::uint64_t rare_others = 0xa076'1d64'78bd'642f;
  Random rare(seed ^ rare_others);
  draw_rare(scenario, rare);
  constexpr std::uint64_t more_others = 0xc2b2'ae3d'27d4'eb4f;
  Random shards(seed ^ more_others);
  draw_shards(scenario, shards);
  return scenario;
}

bool Scenario::readers_are_safe() const noexcept {
  // Which leaves tombstones with stamps of before, where it deletes many at once.
  const bool old = master.kinto.age == model::Age::kinto_11 &&
                   master.kinto.profile == model::Profile::postgresql;
  const bool extras_go = (comebacks || while_away) && (reconfigured || master.kinto.history ||
                                                       sync.extras == sync::Extras::remove);
  return !(comebacks && leaves_orphans(master)) && is_right(master) &&
         std::ranges::all_of(replicas, is_right) && !odd_stamps && !late_commits && !odd_records &&
         !resets && !meddling && !rights && !clocks && !old && !deleted_containers && !losses &&
         !extras_go && (fresh_ids || !(comebacks || imports || while_away));
}

bool Scenario::polls_find_all() const noexcept {
  return !odd_stamps && !odd_records && !resets && !meddling && !rights && !clocks &&
         !deleted_containers && !losses && !may_be_late() && (follow_alone || !late_commits) &&
         (fresh_ids || !(comebacks || imports || while_away));
}

bool Scenario::history_tells_all() const noexcept {
  return master.kinto.history && !follow_alone && !odd_stamps && !resets && !meddling && !rights &&
         !clocks && is_right(master) && !may_be_late() && daemons == 1 && !leaves_orphans(master);
}

bool Scenario::may_be_late() const noexcept {
  return std::ranges::any_of(faults, [](Fault fault) {
    return fault == Fault::late_request || fault == Fault::duplicate;
  });
}

Millis Scenario::unseen_age() const noexcept {
  // A date has whole seconds, and nobody takes a few of them for an old age.
  constexpr Millis few{10'000};
  if (!cache || cache->shows == CacheOptions::Shows::age) return Millis{0};
  return cache->shows == CacheOptions::Shows::nothing ? cache->life : std::min(few, cache->life);
}

std::string describe(const Scenario& scenario) {
  const auto profile = [](const SiteOptions& site) {
    const bool memory = site.kinto.profile == model::Profile::memory;
    const bool old = site.kinto.age == model::Age::kinto_11;
    return std::string(old ? "old-" : "") + (memory ? "memory" : "postgresql");
  };
  std::string out =
      "seed " + std::to_string(scenario.seed) + ": " + profile(scenario.master) + " to";
  for (const SiteOptions& replica : scenario.replicas) out += " " + profile(replica);
  out += ", " + std::to_string(scenario.daemons) + " daemon(s), extras=";
  out += scenario.sync.extras == sync::Extras::keep ? "keep" : "delete";
  out += ", " + std::to_string(scenario.collections.size()) + " collection(s), " +
         std::to_string(scenario.storm.count() / 1000) + " s of";
  const auto evil = [&out](bool there, const char* name) {
    if (there) out += std::string(" ") + name;
  };
  evil(scenario.follow_alone, "polls-alone");
  evil(scenario.odd_stamps, "odd-stamps");
  evil(scenario.late_commits, "late-commits");
  evil(scenario.odd_records, "odd-records");
  evil(scenario.resets, "resets");
  evil(scenario.meddling, "meddling");
  evil(scenario.rights, "rights");
  evil(scenario.crashes, "crashes");
  evil(scenario.clocks, "clocks");
  evil(scenario.comebacks, "comebacks");
  evil(scenario.imports, "imports");
  evil(scenario.while_away, "while-away");
  evil(scenario.reconfigured, "reconfigured");
  evil(scenario.twin, "one-server-under-two-names");
  out += describe_front_ends(scenario);
  out += describe_containers(scenario);
  out += describe_rare(scenario);
  if (scenario.fault_percent > 0) {
    out += ", " + std::to_string(scenario.fault_percent) + "% faults:";
    for (const Fault fault : scenario.faults) out += " " + std::string(name_of(fault));
  }
  return out;
}

}  // namespace kinto_mirror::simulate
