#pragma once
// Permission lists: who may do what with a container. Pure.

#include "sync/decide/options.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace kinto_mirror::sync {

// Principals by permission: {"read": {"system.Everyone"}, "write": {"account:alice"}}. A list that
// is empty is absent.
using Lists = std::map<std::string, std::set<std::string>>;

// What an answer's `permissions` say. Nothing where they are not shown: to whoever is not in
// `write` of the object Kinto says `{}`, which is "unknown", never "none" (whoever sees a list is
// in it).
std::optional<Lists> parse_lists(std::string_view permissions);

// As JSON, for a PUT. It clears what is absent, but `{}` would clear nothing: REQUIRES: not empty.
std::string encode(const Lists& lists);

// What the settings ask for.
struct ListSettings {
  Permissions permissions = Permissions::keep;
  std::set<std::string> readers;  // granted `read` whatever `permissions` says
  const std::map<std::string, std::string>* principals = nullptr;  // Options::principals
  std::string own_user;  // the daemon's own on the replica, which Kinto adds to `write`
};

// Principals of the master as they are called on the replica.
std::set<std::string> mapped(const std::set<std::string>& principals,
                             const std::map<std::string, std::string>* names);

// What the lists of a container on the replica should be: `present`, but for what the settings say.
// `master`: nothing where it does not show them; then only `readers` are added.
Lists wanted_lists(const std::optional<Lists>& master, const Lists& present,
                   const ListSettings& settings);

// How `present` differs, for people: "read: lacks system.Everyone; write: has account:bob besides".
std::string describe(const Lists& wanted, const Lists& present);

// Of `wanted`, what takes rights away from `present` and gives none: the lists of a container whose
// records are still being loaded may shrink, and grow behind the load.
Lists without_additions(const Lists& wanted, const Lists& present);

}  // namespace kinto_mirror::sync
