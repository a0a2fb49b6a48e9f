#include "sync/tree/container_plan.hpp"

#include "base/json_equal.hpp"
#include "base/json_slice.hpp"
#include "base/json_text.hpp"
#include "kinto/page.hpp"

#include <utility>

namespace kinto_mirror::sync {

namespace {

using Kind = ContainerDifference::Kind;

// In the order in which they stand, each once.
std::string mapped_members(std::string_view members,
                           const std::map<std::string, std::string>* principals) {
  std::string out = "[";
  std::set<std::string> seen;
  json::ArrayReader reader(members);
  for (std::string_view element; reader.next(element);) {
    const auto principal = json::to_string(element);
    if (!principal) continue;
    for (const std::string& name : mapped({*principal}, principals)) {
      if (!seen.insert(name).second) continue;
      if (out.back() != '[') out += ',';
      out += json::quoted(name);
    }
  }
  return out + "]";
}

bool same_data(const std::string& wanted, const Container& replica) {
  return json::same_object(wanted, replica.data, "last_modified");
}

// Kinto keeps a client's stamp only where it is higher than the present one.
Stamp stamp_to_store(Stamp wanted, bool waits, const std::optional<Container>& replica) {
  const Stamp below{wanted.ms - 1};
  const bool room = !replica || below > replica->stamp;
  return waits && room ? below : wanted;
}

}  // namespace

ContainerSettings ContainerSettings::of(const Options& options, std::string own_user) {
  ContainerSettings settings;
  settings.metadata = options.metadata;
  settings.lists.permissions = options.permissions;
  settings.lists.readers = {options.readers.begin(), options.readers.end()};
  settings.lists.principals = &options.principals;
  settings.lists.own_user = std::move(own_user);
  return settings;
}

bool ContainerSettings::needs_lists(ContainerKind kind) const noexcept {
  const bool readers = kind == ContainerKind::collection && !lists.readers.empty();
  return lists.permissions != Permissions::keep || readers;
}

std::string wanted_data(const ContainerId& id, const Container& master,
                        const std::map<std::string, std::string>* principals) {
  if (id.kind != ContainerKind::group) return master.data;
  const bool lacks_members = !json::member(master.data, "members");
  if (!lacks_members && (principals == nullptr || principals->empty())) return master.data;
  std::string out = lacks_members ? R"({"members":[])" : "{";
  json::ObjectReader reader(master.data);
  for (json::Member member; reader.next(member);) {
    if (out.size() > 1) out += ',';
    out += '"';
    out += member.key;
    out += "\":";
    const bool members = member.key == "members" && member.value.starts_with('[');
    out += members ? mapped_members(member.value, principals) : std::string(member.value);
  }
  return out + "}";
}

ContainerPlan plan_container(const ContainerId& id, const Container& master,
                             const std::optional<Container>& replica,
                             const ContainerSettings& settings, bool may_grant) {
  ContainerPlan plan;
  ListSettings asked = settings.lists;
  if (id.kind != ContainerKind::collection) asked.readers.clear();
  const bool follows = id.kind == ContainerKind::group || settings.metadata == Metadata::follow;
  const bool needs_lists = settings.needs_lists(id.kind);
  const bool needs_master = asked.permissions != Permissions::keep;
  const bool unknown =
      (needs_master && !master.lists) || (needs_lists && replica && !replica->lists);
  if (unknown) plan.differences.push_back(Kind::unknown_permissions);

  const std::string data = wanted_data(id, master, asked.principals);
  const bool other_data = replica && follows && !same_data(data, *replica);
  std::optional<Lists> lists;
  bool other_lists = false;
  if (needs_lists && (!replica || replica->lists)) {
    const Lists present = replica ? *replica->lists : Lists();
    const Lists wanted = wanted_lists(master.lists, present, asked);
    const Lists now = may_grant ? wanted : without_additions(wanted, present);
    plan.waits = now != wanted;
    other_lists = wanted != present;
    if (now != present) lists = now;
  }
  if (!replica) plan.differences.push_back(Kind::missing);
  if (other_data) plan.differences.push_back(Kind::data);
  if (replica && other_lists) {
    plan.differences.push_back(Kind::permissions);
    plan.lists_differ =
        describe(wanted_lists(master.lists, *replica->lists, asked), *replica->lists);
  }

  const bool lower = replica && follows && replica->stamp < master.stamp;
  plan.creates = !replica;
  plan.only_stamp = lower && !other_data && !lists;
  if (replica && !other_data && !lists && (!lower || plan.waits)) return plan;
  plan.ahead = replica && replica->stamp > master.stamp;
  ContainerWrite write;
  write.data = kinto::with_stamp(!replica || follows ? data : replica->data,
                                 stamp_to_store(master.stamp, plan.waits, replica));
  if (lists && !lists->empty()) write.lists = std::move(lists);
  plan.write = std::move(write);
  return plan;
}

}  // namespace kinto_mirror::sync
