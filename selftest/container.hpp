#pragma once
// A bucket, a group or a collection as one of its writers sees it, read by nothing of the engine's.

#include "base/types.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace kinto_mirror::selftest {

struct Container {
  Stamp stamp;
  std::string data;  // canonical, without id and last_modified
  // Principals by permission. Whoever sees any is in `write`: empty means "not shown".
  std::map<std::string, std::set<std::string>> lists;

  // "account:a, account:b" of the list `permission`; empty where nobody is in it.
  [[nodiscard]] std::string who(const std::string& permission) const;
  [[nodiscard]] bool may(const std::string& permission, const std::string& principal) const;
};

// `object` and `permissions` as a server gives them, in JSON.
Container read_container(Stamp stamp, std::string_view object, std::string_view permissions);

// Nothing when both are there with the same data and stamp; else what differs, in words.
std::string difference(const std::optional<Container>& master,
                       const std::optional<Container>& replica);

}  // namespace kinto_mirror::selftest
