#include "sync/tree/container.hpp"

#include "http/url.hpp"
#include "kinto/server.hpp"

#include <utility>

namespace kinto_mirror::sync {

std::string ContainerId::str() const {
  switch (kind) {
    case ContainerKind::bucket:
      return bucket;
    case ContainerKind::group:
      return bucket + "/groups/" + name;
    case ContainerKind::collection:
      return bucket + "/collections/" + name;
  }
  return bucket;
}

std::string ContainerId::endpoint() const {
  switch (kind) {
    case ContainerKind::bucket:
      return "/buckets";
    case ContainerKind::group:
      return kinto::groups_path(bucket);
    case ContainerKind::collection:
      return kinto::collections_path(bucket);
  }
  return "/buckets";
}

std::string ContainerId::path() const {
  return endpoint() + "/" + http::percent_encode(kind == ContainerKind::bucket ? bucket : name);
}

Container shown_in(const kinto::Answer& answer) {
  Container container;
  container.stamp = answer.stamp.value_or(Stamp{});
  container.data = answer.object;
  container.lists = parse_lists(answer.permissions);
  return container;
}

ContainerId bucket_container(std::string bucket) {
  ContainerId id;
  id.bucket = std::move(bucket);
  return id;
}

ContainerId container_of(const CollectionId& id) {
  return {ContainerKind::collection, id.bucket, id.collection};
}

}  // namespace kinto_mirror::sync
