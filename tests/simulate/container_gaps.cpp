#include "container_gaps.hpp"

namespace kinto_mirror::simulate {

namespace {

namespace json = boost::json;
using What = ContainerState::What;

std::string here(const std::string& principal, const Following& following) {
  const auto& names = following.options.principals;
  const auto name = names.find(principal);
  return name == names.end() ? principal : name->second;
}

}  // namespace

std::set<std::string> list_in(const model::Permissions& lists, const std::string& permission) {
  const auto found = lists.find(permission);
  return found == lists.end() ? std::set<std::string>() : found->second;
}

ContainerKind kind_of(std::string_view uri) noexcept {
  if (is_bucket(uri)) return ContainerKind::bucket;
  const bool group = uri.find("/groups/") != std::string_view::npos;
  return group ? ContainerKind::group : ContainerKind::collection;
}

bool shows_lists(const ContainerState& state, const std::string& principal) {
  return list_in(state.lists, "write").contains(principal);
}

std::optional<std::set<std::string>> wanted_list(const ContainerState& master, std::string_view uri,
                                                 const std::string& permission,
                                                 const Following& following) {
  const sync::Options& options = following.options;
  const bool read = permission == "read";
  const bool follows = options.permissions == sync::Permissions::copy ||
                       (options.permissions == sync::Permissions::read && read);
  if (!follows) return std::nullopt;
  std::set<std::string> out;
  for (const std::string& principal : list_in(master.lists, permission)) {
    std::string name = here(principal, following);
    if (!name.empty()) out.insert(std::move(name));
  }
  if (read && kind_of(uri) == ContainerKind::collection) {
    out.insert(options.readers.begin(), options.readers.end());
  }
  return out;
}

bool has_unknown_lists(std::string_view uri, const ContainerState& master,
                       const ContainerState& replica, const Following& following) {
  const bool copies = following.options.permissions != sync::Permissions::keep;
  const bool opens =
      kind_of(uri) == ContainerKind::collection && !following.options.readers.empty();
  return (copies && !shows_lists(master, following.on_master)) ||
         ((copies || opens) && !shows_lists(replica, following.on_replica));
}

json::object wanted_data(const ContainerState& master, std::string_view uri,
                         const Following& following) {
  json::object out = master.data;
  if (kind_of(uri) != ContainerKind::group) return out;
  json::array members;
  if (const json::value* const given = master.data.if_contains("members")) {
    std::set<std::string> seen;
    for (const json::value& one : given->as_array()) {
      std::string name = here(std::string(one.as_string()), following);
      const bool renames = !following.options.principals.empty();
      if (name.empty() || (renames && !seen.insert(name).second)) continue;
      members.emplace_back(name);
    }
  }
  out["members"] = std::move(members);
  return out;
}

std::vector<std::string> container_gaps(std::string_view uri, const ContainerState& master,
                                        const ContainerState& replica, const Following& following) {
  std::vector<std::string> out;
  const auto tell = [&](const std::string& what) { out.push_back(std::string(uri) + " " + what); };
  if (replica.what != What::alive) {
    tell("is missing");
    return out;
  }
  const bool follows =
      following.options.metadata == sync::Metadata::follow || kind_of(uri) == ContainerKind::group;
  if (follows && replica.data != wanted_data(master, uri, following)) tell("has other metadata");
  if (follows && replica.stamp < master.stamp) {
    tell("stands at " + std::to_string(replica.stamp) + " below the master's " +
         std::to_string(master.stamp));
  }
  if (has_unknown_lists(uri, master, replica, following)) return out;
  if (kind_of(uri) == ContainerKind::collection) {
    for (const std::string& reader : following.options.readers) {
      if (!list_in(replica.lists, "read").contains(reader)) tell("does not let in " + reader);
    }
  }
  for (const char* const permission :
       {"read", "write", "collection:create", "group:create", "record:create"}) {
    const auto wanted = wanted_list(master, uri, permission, following);
    if (!wanted) continue;
    std::set<std::string> now = list_in(replica.lists, permission);
    std::set<std::string> then = *wanted;
    if (std::string_view(permission) == "write") {
      now.erase(following.on_replica);
      then.erase(following.on_replica);
    }
    if (now != then) tell(std::string("has another list ") + permission);
  }
  return out;
}

}  // namespace kinto_mirror::simulate
