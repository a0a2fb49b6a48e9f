#include "daemon/containers_text.hpp"

#include "daemon/text.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

namespace kinto_mirror::daemon {

namespace json = boost::json;

namespace {

// Where nothing more is known than the kind.
std::string_view meaning(sync::ContainerDifference::Kind kind) {
  using Kind = sync::ContainerDifference::Kind;
  switch (kind) {
    case Kind::missing:
      return "the replica lacks it";
    case Kind::data:
      return "its metadata is not the master's";
    case Kind::permissions:
      return "its permissions are not what the settings ask for";
    case Kind::undeleted:
      return "the master deleted it, and the replica still has it";
    case Kind::extra:
      return "only the replica has it";
    case Kind::quarantined:
      return "the replica refuses it";
    case Kind::unknown_permissions:
      return "its permissions are not shown";
  }
  return "it is not as it should be";
}

std::string_view reason_of(const sync::ContainerDifference& difference) {
  return difference.reason.empty() ? meaning(difference.kind) : std::string_view(difference.reason);
}

}  // namespace

std::string counts_text(const sync::ContainersReport& containers) {
  const sync::Written& written = containers.written;
  if (written.all() == 0) return fmt::format("{} same, nothing written", containers.same);
  return fmt::format("{} same, {} created, {} updated, {} deleted", containers.same,
                     written.created, written.updated, written.deleted);
}

std::string difference_text(const sync::ContainerDifference& difference) {
  return fmt::format("{} {}: {}", difference.id, sync::to_string(difference.kind),
                     reason_of(difference));
}

json::object containers_json(const sync::ContainersReport& containers, const Words& words) {
  json::array differences;
  for (const sync::ContainerDifference& one : containers.differences) {
    json::object item;
    item["id"] = to_valid_utf8(one.id);
    item["kind"] = sync::to_string(one.kind);
    item["reason"] = words(reason_of(one));
    differences.push_back(std::move(item));
  }
  json::object out;
  out["same"] = containers.same;
  out["created"] = containers.written.created;
  out["updated"] = containers.written.updated;
  out["deleted"] = containers.written.deleted;
  out["differences"] = std::move(differences);
  out["state"] = sync::to_string(containers.state);
  if (!containers.error) return out;
  json::object error;
  error["kind"] = to_string(containers.error->code);
  error["message"] = words(containers.error->message);
  out["error"] = std::move(error);
  return out;
}

}  // namespace kinto_mirror::daemon
