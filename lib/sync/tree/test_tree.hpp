#pragma once
// Containers in short words, for the tests of this room.

#include "base/json_slice.hpp"
#include "base/json_text.hpp"
#include "sync/tree/container.hpp"
#include "sync/tree/lists.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::sync::test {

using Names = std::vector<std::string>;

// "b", "b/groups/g", "b/collections/c": what ContainerId::str() gives.
inline ContainerId container(std::string_view name) {
  const std::size_t first = name.find('/');
  ContainerId id = bucket_container(std::string(name.substr(0, first)));
  if (first == std::string_view::npos) return id;
  const std::size_t second = name.find('/', first + 1);
  const bool group = name.substr(first + 1, second - first - 1) == "groups";
  id.kind = group ? ContainerKind::group : ContainerKind::collection;
  id.name = name.substr(second + 1);
  return id;
}

// R"({"read":["x"]})"
inline Lists lists(std::string_view json) {
  Lists out;
  json::ObjectReader reader(json);
  for (json::Member one; reader.next(one);) {
    std::set<std::string>& principals = out[std::string(one.key)];
    json::ArrayReader names(one.value);
    for (std::string_view name; names.next(name);) principals.insert(*json::to_string(name));
  }
  return out;
}

// `members`: of the data, such as R"("n":1)"; `rights`: in JSON, empty where they are not known.
inline Container shown(std::int64_t stamp, const std::string& members = {},
                       std::string_view rights = {}) {
  Container out;
  out.stamp = Stamp{stamp};
  out.data = R"({"id":"x","last_modified":)" + std::to_string(stamp) +
             (members.empty() ? "" : "," + members) + "}";
  if (!rights.empty()) out.lists = lists(rights);
  return out;
}

inline Container tombstone(std::int64_t stamp) {
  Container out;
  out.stamp = Stamp{stamp};
  out.tombstone = true;
  return out;
}

}  // namespace kinto_mirror::sync::test
