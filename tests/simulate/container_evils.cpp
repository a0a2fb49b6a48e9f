#include "container_evils.hpp"

namespace kinto_mirror::simulate {

namespace {

// Ids that meet those of neighbours: `_` on PostgreSQL, a common beginning on memory.
void draw_neighbours(Scenario& scenario, Random& random) {
  scenario.neighbours = true;
  scenario.sync.extras = sync::Extras::keep;  // the neighbours in `b` are extras
  scenario.collections = {{"b", "a"}, {"b", "a_c"}};
  if (random.percent(60)) scenario.collections.emplace_back("b_x", "a");
  const bool by_name = scenario.sync.collections.front() != "b/*";
  scenario.sync.collections = {"b/*"};
  if (scenario.collections.size() > 2) scenario.sync.collections.emplace_back("b_x/*");
  if (!by_name) return;
  scenario.sync.collections.clear();
  for (const CollectionId& id : scenario.collections) {
    scenario.sync.collections.push_back(id.str());
  }
}

}  // namespace

void draw_containers(Scenario& scenario, Random& random) {
  if (scenario.twin || scenario.while_away || !random.percent(25)) return;
  scenario.containers = true;
  scenario.rights = scenario.reconfigured = false;
  sync::Options& sync = scenario.sync;
  if (random.percent(20)) sync.metadata = sync::Metadata::create;
  const std::int64_t which = random.below(5);
  sync.permissions = which == 0   ? sync::Permissions::keep
                     : which <= 2 ? sync::Permissions::read
                                  : sync::Permissions::copy;
  if (which > 0 ? random.percent(80) : random.percent(40)) sync.groups = sync::Groups::follow;
  if (random.percent(30)) sync.readers = {"system.Everyone"};
  if (random.percent(50)) {
    sync.principals = {{"account:alice", "account:alicia"}, {"account:bob", ""}};
  }
  if (random.percent(10)) sync.deletions = sync::Deletions::records;
  scenario.mere_reader = random.percent(15);
  scenario.sees_buckets = random.percent(50);
  scenario.deleted_containers = !scenario.follow_alone && random.percent(65);
  scenario.drift = !scenario.follow_alone && random.percent(25);
  if (random.percent(40)) draw_neighbours(scenario, random);
  scenario.between_container_writes = Millis{random.between(2'000, 20'000)};
}

std::string describe_containers(const Scenario& scenario) {
  if (!scenario.containers) return {};
  const sync::Options& sync = scenario.sync;
  std::string out = ", containers (metadata=";
  out += sync.metadata == sync::Metadata::follow ? "follow" : "create";
  out += " permissions=";
  out += sync.permissions == sync::Permissions::keep   ? "keep"
         : sync.permissions == sync::Permissions::read ? "read"
                                                       : "copy";
  const auto say = [&out](bool there, const char* what) {
    if (there) out += std::string(" ") + what;
  };
  say(sync.groups == sync::Groups::follow, "groups");
  say(!sync.readers.empty(), "readers");
  say(!sync.principals.empty(), "principals");
  say(sync.deletions == sync::Deletions::records, "deletions=records");
  say(scenario.mere_reader, "mere-reader");
  say(scenario.sees_buckets, "sees-buckets");
  say(scenario.deleted_containers, "deletions");
  say(scenario.drift, "drift");
  say(scenario.neighbours, "neighbours");
  return out + ")";
}

}  // namespace kinto_mirror::simulate
