#pragma once
// What is said of servers and replicas, and its names. (Of collections: sync::State.)

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
  switch (state) {
    case ServerState::unknown:
      return "unknown";
    case ServerState::ok:
      return "ok";
    case ServerState::refused:
      return "refused";
    case ServerState::failing:
      return "failing";
    case ServerState::unreachable:
      return "unreachable";
  }
  return "unknown";
}

constexpr std::string_view to_string(ReplicaState state) noexcept {
  switch (state) {
    case ReplicaState::starting:
      return "starting";
    case ReplicaState::following:
      return "following";
    case ReplicaState::failing:
      return "failing";
  }
  return "starting";
}

}  // namespace kinto_mirror::daemon
