#pragma once
// What is said of servers and replicas, and its names in the order of the values. (Of collections:
// sync::State.)

#include <array>
#include <cstddef>
#include <string_view>

namespace kinto_mirror::daemon {

// A server, by its last answer.
enum class ServerState {
  unknown,  // it was not asked yet
  ok,
  refused,  // 401
  failing,  // 429 or 5xx
  unreachable,
};

// The rounds over a replica.
enum class ReplicaState { starting, following, failing };

constexpr std::string_view to_string(ServerState state) noexcept {
  constexpr std::array<std::string_view, 5> names{"unknown", "ok", "refused", "failing",
                                                  "unreachable"};
  static_assert(names.size() == static_cast<std::size_t>(ServerState::unreachable) + 1);
  return names[static_cast<std::size_t>(state)];
}

constexpr std::string_view to_string(ReplicaState state) noexcept {
  constexpr std::array<std::string_view, 3> names{"starting", "following", "failing"};
  static_assert(names.size() == static_cast<std::size_t>(ReplicaState::failing) + 1);
  return names[static_cast<std::size_t>(state)];
}

}  // namespace kinto_mirror::daemon
