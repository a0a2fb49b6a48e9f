#include "daemon/report_json.hpp"

#include "daemon/text.hpp"

#include <boost/json.hpp>

namespace kinto_mirror::daemon {

namespace json = boost::json;

namespace {

json::object collection_json(const sync::CollectionReport& collection) {
  json::array quarantined;
  for (const sync::Refusal& refusal : collection.quarantined) {
    json::object item;
    item["id"] = to_valid_utf8(refusal.id);
    item["status"] = refusal.status;
    item["reason"] = to_valid_utf8(refusal.reason);
    quarantined.push_back(std::move(item));
  }
  json::object out;
  out["id"] = collection.id.str();
  out["state"] = sync::to_string(collection.state);
  out["master"] = collection.master;
  out["replica"] = collection.replica;
  out["created"] = collection.created;
  out["updated"] = collection.updated;
  out["deleted"] = collection.deleted;
  out["same"] = collection.same;
  out["missing"] = collection.missing;
  out["differs"] = collection.differs;
  out["extra"] = collection.extra;
  out["quarantined"] = std::move(quarantined);
  return out;
}

}  // namespace

std::string report_json(const sync::RunReport& report) {
  json::array replicas;
  for (const sync::ReplicaReport& replica : report.replicas) {
    json::array collections;
    for (const sync::CollectionReport& collection : replica.collections) {
      collections.push_back(collection_json(collection));
    }
    json::object item;
    item["name"] = replica.name;
    item["url"] = replica.url;
    item["collections"] = std::move(collections);
    replicas.push_back(std::move(item));
  }
  json::object out;
  out["in_sync"] = report.in_sync();
  out["replicas"] = std::move(replicas);
  return json::serialize(out) + "\n";
}

}  // namespace kinto_mirror::daemon
