#include "bounds.hpp"

#include <algorithm>

namespace kinto_mirror::simulate {

namespace {

constexpr std::int64_t round_itself = 8;  // asks after all collections

std::int64_t number_of_records(const Scenario& scenario) {
  constexpr std::int64_t by_name = 50;
  constexpr Millis between_imports{30'000};
  const bool grows = scenario.imports || scenario.comebacks;
  return by_name + (grows ? 20 * (scenario.storm / between_imports + 1) : 0);
}

std::int64_t sides_of(const Scenario& scenario) {
  return scenario.daemons * static_cast<std::int64_t>(scenario.replicas.size());
}

// A walk over a collection reads pages, some of them on both sides, and asks after tombstones.
std::int64_t cost_of_walk(const Scenario& scenario, std::int64_t objects) {
  std::int64_t page = objects;
  const auto smaller = [&page](const SiteOptions& site) {
    page = std::min(page, site.kinto.max_fetch_size);
    if (site.kinto.paginate_by > 0) page = std::min(page, site.kinto.paginate_by);
  };
  smaller(scenario.master);
  std::ranges::for_each(scenario.replicas, smaller);
  // One that comes to an end too early is asked again from there.
  const auto is_old = [](const SiteOptions& site) { return site.kinto.age != model::Age::today; };
  const bool old = is_old(scenario.master) || std::ranges::any_of(scenario.replicas, is_old);
  return 4 + (old ? 6 : 3) * (objects / page + 1);
}

// On each side the buckets, and of the one in scope the bucket itself, its collections, its groups
// and the lists of all of them: a count and the rows of each, which are few.
constexpr std::int64_t cost_of_containers = std::int64_t{2} * 2 * 5;

}  // namespace

std::int64_t allowed_at_rest(const Scenario& scenario, std::int64_t rounds, std::int64_t objects) {
  // An audit, and each pass of the overlap after it.
  const std::int64_t passes = scenario.sync.overlap / scenario.sync.interval + 6;
  const auto collections = static_cast<std::int64_t>(scenario.collections.size());
  const std::int64_t most = std::max(objects, number_of_records(scenario));
  // The containers are compared as often as the records, whatever is counted.
  const std::int64_t comparisons =
      rounds * scenario.sync.interval / scenario.sync.audit_interval + 2;
  return sides_of(scenario) *
         (round_itself * rounds + collections * passes * cost_of_walk(scenario, most) +
          comparisons * cost_of_containers);
}

std::int64_t allowed_in_storm(const Scenario& scenario, const Events& events) {
  // A record that must be written alone is asked after, written, asked after and written anew.
  // Whoever finds it between two rounds lists, looks up, counts.
  constexpr std::int64_t cost_of_change = 8 + 4;
  const std::int64_t rounds = scenario.storm / scenario.sync.interval + 1;
  const auto collections = static_cast<std::int64_t>(scenario.collections.size());
  const std::int64_t most = std::max(events.objects, number_of_records(scenario));
  const std::int64_t walks = collections * rounds * cost_of_walk(scenario, most);
  const std::int64_t looks = events.starts + events.container_writes;
  // What changed lately is asked after between the rounds, in one go.
  constexpr std::int64_t looks_behind_change = 20;
  const std::int64_t glances = std::min<std::int64_t>(
      scenario.storm / scenario.sync.active_interval, looks_behind_change * events.changes);
  return sides_of(scenario) *
         (round_itself * rounds + walks + glances +
          cost_of_change * (events.changes + events.faults) + cost_of_containers * looks);
}

std::int64_t allowed_by_limiter(const LimiterOptions& limiter, std::int64_t starts) {
  // Each daemon begins without a notion of the rate.
  constexpr std::int64_t to_find_out = 30;
  const Millis time = limiter.until - limiter.from;
  const std::int64_t passed = limiter.burst + 1 + limiter.rate * time.count() / 1000;
  return passed + passed / 2 + to_find_out * starts;
}

}  // namespace kinto_mirror::simulate
