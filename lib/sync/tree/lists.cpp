#include "sync/tree/lists.hpp"

#include "base/json_slice.hpp"
#include "base/json_text.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::sync {

namespace {

std::optional<std::set<std::string>> parse_principals(std::string_view value) {
  std::set<std::string> out;
  json::ArrayReader reader(value);
  for (std::string_view element; reader.next(element);) {
    auto principal = json::to_string(element);
    if (!principal) return std::nullopt;
    out.insert(std::move(*principal));
  }
  if (!reader.ok()) return std::nullopt;
  return out;
}

void put(Lists& lists, const std::string& permission, std::set<std::string> principals) {
  if (principals.empty()) {
    lists.erase(permission);
  } else {
    lists[permission] = std::move(principals);
  }
}

}  // namespace

std::optional<Lists> parse_lists(std::string_view permissions) {
  Lists out;
  json::ObjectReader reader(permissions);
  for (json::Member member; reader.next(member);) {
    auto principals = parse_principals(member.value);
    if (!principals) return std::nullopt;
    put(out, std::string(member.key), std::move(*principals));
  }
  if (!reader.ok() || out.empty()) return std::nullopt;
  return out;
}

std::string encode(const Lists& lists) {
  std::string out = "{";
  for (const auto& [permission, principals] : lists) {
    if (out.size() > 1) out += ',';
    out += json::quoted(permission) + ":[";
    for (const std::string& principal : principals) {
      if (out.back() != '[') out += ',';
      out += json::quoted(principal);
    }
    out += ']';
  }
  return out + "}";
}

std::set<std::string> mapped(const std::set<std::string>& principals,
                             const std::map<std::string, std::string>* names) {
  std::set<std::string> out;
  for (const std::string& principal : principals) {
    const auto name = names == nullptr ? std::map<std::string, std::string>::const_iterator()
                                       : names->find(principal);
    if (names == nullptr || name == names->end()) {
      out.insert(principal);
    } else if (!name->second.empty()) {
      out.insert(name->second);
    }
  }
  return out;
}

Lists wanted_lists(const std::optional<Lists>& master, const Lists& present,
                   const ListSettings& settings) {
  Lists out = present;
  const std::string read = "read";
  const std::string write = "write";
  if (master && settings.permissions == Permissions::copy) {
    out.clear();
    for (const auto& [permission, principals] : *master) {
      put(out, permission, mapped(principals, settings.principals));
    }
    const auto writers = present.find(write);
    const bool own = writers != present.end() && writers->second.contains(settings.own_user);
    if (own) out[write].insert(settings.own_user);
  } else if (master && settings.permissions == Permissions::read) {
    const auto readers = master->find(read);
    put(out, read,
        readers == master->end() ? std::set<std::string>()
                                 : mapped(readers->second, settings.principals));
  }
  if (!settings.readers.empty()) {
    out[read].insert(settings.readers.begin(), settings.readers.end());
  }
  return out;
}

namespace {

// Of so many each the names are told.
constexpr std::size_t most_named = 5;

std::string names_beyond(const std::set<std::string>& some, const std::set<std::string>& others) {
  std::string out;
  std::size_t named = 0;
  for (const std::string& one : some) {
    if (others.contains(one)) continue;
    if (++named > most_named) return out + ", ...";
    out += (out.empty() ? "" : ", ") + one;
  }
  return out;
}

std::set<std::string> list_in(const Lists& lists, const std::string& permission) {
  const auto list = lists.find(permission);
  return list == lists.end() ? std::set<std::string>() : list->second;
}

}  // namespace

std::string describe(const Lists& wanted, const Lists& present) {
  std::set<std::string> permissions;
  for (const Lists* const lists : {&wanted, &present}) {
    for (const auto& [permission, principals] : *lists) permissions.insert(permission);
  }
  std::string out;
  for (const std::string& permission : permissions) {
    const std::set<std::string> should = list_in(wanted, permission);
    const std::set<std::string> is = list_in(present, permission);
    const std::string lacks = names_beyond(should, is);
    const std::string besides = names_beyond(is, should);
    if (lacks.empty() && besides.empty()) continue;
    out += (out.empty() ? "" : "; ") + permission + ":";
    if (!lacks.empty()) out += " lacks " + lacks;
    if (!besides.empty()) out += (lacks.empty() ? " has " : ", has ") + besides + " besides";
  }
  return out;
}

Lists without_additions(const Lists& wanted, const Lists& present) {
  Lists out;
  for (const auto& [permission, principals] : present) {
    const auto list = wanted.find(permission);
    if (list == wanted.end()) continue;
    std::set<std::string> both;
    std::ranges::set_intersection(principals, list->second, std::inserter(both, both.end()));
    put(out, permission, std::move(both));
  }
  return out;
}

}  // namespace kinto_mirror::sync
