#include "more_evils.hpp"

#include <algorithm>

namespace kinto_mirror::simulate {

namespace {

using std::int64_t;

// Which pages in such small pieces that it ends too early.
void make_old(SiteOptions& site, Random& random) {
  site.kinto.age = model::Age::kinto_11;
  const bool pages = site.kinto.max_fetch_size < 100 || site.kinto.paginate_by > 0;
  if (!pages && random.percent(80)) site.kinto.paginate_by = random.between(3, 12);
}

void draw_ages(Scenario& scenario, Random& random) {
  if (scenario.very_odd_stamps) return;  // which no server can list in small pages
  const int64_t which = random.below(3);
  if (which != 1) make_old(scenario.master, random);
  if (which != 0) make_old(scenario.replicas.front(), random);
}

CacheOptions draw_cache(const Scenario& scenario, Random& random) {
  CacheOptions cache;
  // A date tells the age only where the clocks go right.
  const auto right = [](const SiteOptions& site) { return site.wrong_by == Millis{0}; };
  const bool dated =
      !scenario.clocks && right(scenario.master) && std::ranges::all_of(scenario.replicas, right);
  const std::int64_t shows = random.below(3);
  cache.shows = shows == 0            ? CacheOptions::Shows::nothing
                : shows == 1 && dated ? CacheOptions::Shows::date
                                      : CacheOptions::Shows::age;
  const bool hidden = cache.shows == CacheOptions::Shows::nothing;
  cache.life = Millis{hidden ? random.between(1, 20) * 1000 : random.between(5, 200) * 1000};
  cache.percent = random.percent(50) ? 100 : random.between(5, 80);
  cache.obeys = random.percent(20);
  const int64_t where = random.below(4);
  cache.master = where != 3;
  cache.replicas = where > 1;
  return cache;
}

LimiterOptions draw_limiter(const Scenario& scenario, Random& random) {
  LimiterOptions limiter;
  limiter.rate = random.percent(60) ? random.between(1, 5) : random.between(6, 50);
  limiter.burst = random.percent(30) ? 0 : random.between(1, 20);
  limiter.status = random.percent(50) ? 503 : 429;
  const int64_t where = random.below(4);
  limiter.master = where == 0 || where == 3;
  limiter.replicas = where != 0;
  limiter.until = scenario.storm;
  if (random.percent(50)) {
    limiter.from = Millis{random.below(scenario.storm.count() / 2)};
    limiter.until = limiter.from + Millis{random.between(10'000, scenario.storm.count() / 2)};
  }
  return limiter;
}

}  // namespace

void draw_more(Scenario& scenario, Random& random) {
  if (random.percent(2)) {
    scenario.twin = true;
    return;
  }
  if (!random.percent(45)) return;
  if (random.percent(25)) draw_ages(scenario, random);
  if (random.percent(25)) scenario.cache = draw_cache(scenario, random);
  if (random.percent(25)) scenario.limiter = draw_limiter(scenario, random);
  scenario.fresh_ids = scenario.follow_alone || scenario.readers_are_safe() || random.percent(30);
  scenario.comebacks = random.percent(25);
  scenario.imports = random.percent(25);
  scenario.reconfigured = random.percent(25);
}

void draw_load(Scenario& scenario, Random& random) {
  if (!scenario.readers_are_safe() || scenario.follow_alone || !random.percent(25)) return;
  scenario.daemons = 1;
  scenario.prepared = false;
  scenario.records = random.between(30, 50);
  scenario.latency = Millis{random.between(50, 800)};
  // Polls bring several batches, too, and readers are there by then.
  scenario.between_writes = Millis{random.between(100, 600)};
  for (SiteOptions& site : scenario.replicas) {
    site.kinto.batch_max_requests = random.between(2, 4);
  }
  scenario.faults = {Fault::html, Fault::cut_body, Fault::status_403};
  scenario.fault_percent = random.between(3, 15);
}

void draw_restarts(Scenario& scenario, Random& random) {
  if (scenario.follow_alone || scenario.readers_are_safe() || scenario.twin || scenario.limiter ||
      !random.percent(8)) {
    return;
  }
  scenario.daemons = 1;
  scenario.crashes = true;
  scenario.while_away = true;
  scenario.storm = Millis{random.between(120, 300) * 1000};
  // Without what would have the collections compared anyway.
  scenario.fault_percent = 0;
  scenario.prepared = true;
  scenario.sync.extras = sync::Extras::keep;
  scenario.resets = scenario.meddling = scenario.rights = scenario.reconfigured = false;
  scenario.comebacks = scenario.imports = false;
  // As many changes as there are imported records, so that the number looks explained.
  scenario.between_writes = Millis{random.between(200, 2'000)};
  scenario.sync.audit_interval = Millis{240'000};
}

std::string describe_front_ends(const Scenario& scenario) {
  const auto where = [](bool master, bool replicas) {
    return std::string(master ? " before the master" : "") + (replicas ? " before replicas" : "");
  };
  std::string out;
  if (const auto& cache = scenario.cache) {
    const bool nothing = cache->shows == CacheOptions::Shows::nothing;
    const bool age = cache->shows == CacheOptions::Shows::age;
    out += ", a cache" + where(cache->master, cache->replicas) + " (" +
           std::to_string(cache->life.count() / 1000) + " s, " + std::to_string(cache->percent) +
           "%, shows " +
           (nothing ? "nothing"
            : age   ? "age"
                    : "date") +
           (cache->obeys ? ", obeys" : "") + ")";
  }
  if (const auto& limiter = scenario.limiter) {
    out += ", a limiter" + where(limiter->master, limiter->replicas) + " (" +
           std::to_string(limiter->rate) + "/s and " + std::to_string(limiter->burst) + ", " +
           std::to_string(limiter->status) + ", " + std::to_string(limiter->from.count() / 1000) +
           ".." + std::to_string(limiter->until.count() / 1000) + " s)";
  }
  return out;
}

sync::Options draw_other_options(const Scenario& scenario, Random& random) {
  sync::Options options = scenario.sync;
  if (random.percent(50)) {
    const bool kept = options.extras == sync::Extras::keep;
    options.extras = kept ? sync::Extras::remove : sync::Extras::keep;
  }
  const bool by_name = random.percent(50);
  options.collections = {"b/*"};
  if (by_name) {
    options.collections.clear();
    // Now and then one is forgotten.
    const bool all = scenario.collections.size() == 1 || random.percent(60);
    for (const CollectionId& id : scenario.collections) {
      if (all || options.collections.empty()) options.collections.push_back(id.str());
    }
  }
  // What is committed late must stay within each overlap that there is while it is under way.
  options.overlap =
      Millis{scenario.follow_alone ? random.between(45, 90) * 1000 : random.between(5, 90) * 1000};
  if (!scenario.follow_alone) options.audit_interval = Millis{random.between(60, 240) * 1000};
  return options;
}

}  // namespace kinto_mirror::simulate
