#pragma once
// Buckets, groups and collections: what stands around records. Pure.

#include "base/types.hpp"
#include "kinto/batch.hpp"
#include "sync/tree/lists.hpp"

#include <compare>
#include <map>
#include <optional>
#include <string>

namespace kinto_mirror::sync {

enum class ContainerKind { bucket, group, collection };

struct ContainerId {
  ContainerKind kind = ContainerKind::bucket;
  std::string bucket;
  std::string name;  // empty for a bucket

  auto operator<=>(const ContainerId&) const = default;

  // "b", "b/groups/g" or "b/collections/c"
  [[nodiscard]] std::string str() const;
  // "/buckets/b/collections/c", percent-encoded.
  [[nodiscard]] std::string path() const;
  // Its plural endpoint: "/buckets", "/buckets/b/groups", "/buckets/b/collections".
  [[nodiscard]] std::string endpoint() const;
};

ContainerId bucket_container(std::string bucket);
ContainerId container_of(const CollectionId& id);

// As one server shows it.
struct Container {
  Stamp stamp;
  bool tombstone = false;
  std::string data;  // the server's own bytes: {"id":...,"last_modified":...}; empty of a tombstone
  // Who may do what with it; nothing: not asked for, or not shown to this user.
  std::optional<Lists> lists;
};

// Of a 2xx that shows, or tells of, one container.
Container shown_in(const kinto::Answer& answer);

using Containers = std::map<ContainerId, Container>;

}  // namespace kinto_mirror::sync
