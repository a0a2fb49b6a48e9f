#include "selftest/container.hpp"

#include "base/json_slice.hpp"
#include "selftest/contents.hpp"

namespace kinto_mirror::selftest {

namespace {

std::set<std::string> principals(std::string_view list) {
  std::set<std::string> out;
  json::ArrayReader reader(list);
  for (std::string_view element; reader.next(element);) {
    out.insert(json::to_string(element).value_or(std::string(element)));
  }
  return out;
}

}  // namespace

std::string Container::who(const std::string& permission) const {
  std::string out;
  const auto list = lists.find(permission);
  if (list == lists.end()) return out;
  for (const std::string& one : list->second) out += (out.empty() ? "" : ", ") + one;
  return out;
}

bool Container::may(const std::string& permission, const std::string& principal) const {
  const auto list = lists.find(permission);
  return list != lists.end() && list->second.contains(principal);
}

Container read_container(Stamp stamp, std::string_view object, std::string_view permissions) {
  Container out;
  out.stamp = stamp;
  out.data = canonical_body(object);
  json::ObjectReader reader(permissions);
  for (json::Member member; reader.next(member);) {
    std::set<std::string> list = principals(member.value);
    if (!list.empty()) out.lists[std::string(member.key)] = std::move(list);
  }
  return out;
}

std::string difference(const std::optional<Container>& master,
                       const std::optional<Container>& replica) {
  if (!master && !replica) return "on neither side";
  if (!replica) return "not on the replica";
  if (!master) return "only on the replica";
  if (master->data != replica->data) {
    return master->data + " on the master, " + replica->data + " on the replica";
  }
  if (master->stamp == replica->stamp) return "";
  return "stamp " + std::to_string(master->stamp.ms) + " on the master, " +
         std::to_string(replica->stamp.ms) + " on the replica";
}

}  // namespace kinto_mirror::selftest
