#pragma once
// What a single run did and found, over all replicas. Plain data.

#include "sync/decide/containers_report.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

struct ReplicaReport {
  std::string name;
  std::string url;
  std::vector<CollectionReport> collections;  // by id
  ContainersReport containers;
  std::int64_t elsewhere = 0;  // collections in scope that other shards have
  std::optional<Error> error;  // nothing could be compared
};

struct RunReport {
  std::vector<ReplicaReport> replicas;
  [[nodiscard]] bool in_sync() const noexcept;
  // The failure that decides the exit code: the configuration before rights before
  // reachability before the rest.
  [[nodiscard]] const Error* worst_error() const noexcept;
};

}  // namespace kinto_mirror::sync
