#pragma once
// What stands between a replica's buckets, groups and collections and the master's, by the
// settings.

#include "container_history.hpp"
#include "sync/decide/options.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::simulate {

// Who the daemon is on each side, and what it was told.
struct Following {
  const sync::Options& options;
  std::string on_master;  // principals
  std::string on_replica;
};

enum class ContainerKind { bucket, group, collection };
ContainerKind kind_of(std::string_view uri) noexcept;

// Who is in it; nobody where there is none.
std::set<std::string> list_in(const model::Permissions& lists, const std::string& permission);

// Kinto shows the lists of an object only to who is in its list `write`.
bool shows_lists(const ContainerState& state, const std::string& principal);

// The list as the replica shall have it by this version of the master's; nothing where the settings
// leave it alone.
std::optional<std::set<std::string>> wanted_list(const ContainerState& master, std::string_view uri,
                                                 const std::string& permission,
                                                 const Following& following);

// Whether the lists count by the settings, and one side does not show them.
bool has_unknown_lists(std::string_view uri, const ContainerState& master,
                       const ContainerState& replica, const Following& following);

// As the replica shall hold it: members under their names there.
boost::json::object wanted_data(const ContainerState& master, std::string_view uri,
                                const Following& following);

// Sentences: what differs of one container that the master has. Lists that one side does not show
// are no difference, nor is a stamp above the master's.
std::vector<std::string> container_gaps(std::string_view uri, const ContainerState& master,
                                        const ContainerState& replica, const Following& following);

}  // namespace kinto_mirror::simulate
