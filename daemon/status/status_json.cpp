#include "daemon/status/status_json.hpp"

#include "daemon/containers_text.hpp"
#include "daemon/status/detail_json.hpp"
#include "daemon/status/json_parts.hpp"
#include "daemon/text.hpp"

#include <boost/json.hpp>

namespace kinto_mirror::daemon {

namespace json = boost::json;

namespace {

json::value stamp(std::optional<Stamp> value) {
  if (!value) return nullptr;
  return value->ms;
}

json::value brake_json(const CollectionStatus& collection) {
  if (!collection.braked) return nullptr;
  json::object out;
  if (const auto& brake = collection.news.brake) {
    json::array ids;
    for (const std::string& id : brake->ids) ids.emplace_back(to_valid_utf8(id));
    out["would_delete"] = brake->would_delete;
    out["allowed"] = brake->allowed;
    out["ids"] = std::move(ids);
  }
  return out;
}

json::value last_pass_json(const CollectionStatus& collection) {
  if (!collection.last_pass_ago) return nullptr;
  json::object out;
  out["kind"] = sync::to_string(collection.news.kind);
  out["ago"] = seconds_json(*collection.last_pass_ago);
  out["took_ms"] = collection.news.took.count();
  return out;
}

json::value progress_json(const std::optional<WalkProgress>& progress) {
  if (!progress) return nullptr;
  json::object out;
  out["done"] = progress->done;
  out["total"] = progress->total;
  out["per_second"] = progress->per_second;
  out["left"] = seconds_json(progress->left);
  return out;
}

json::array refusals_json(const std::vector<sync::Refusal>& refusals) {
  json::array out;
  for (const sync::Refusal& refusal : refusals) {
    json::object item;
    item["id"] = to_valid_utf8(refusal.id);
    item["status"] = refusal.status;
    item["reason"] = to_valid_utf8(refusal.reason);
    out.push_back(std::move(item));
  }
  return out;
}

json::object collection_json(const CollectionStatus& collection, const Snapshot& snapshot) {
  json::object out;
  out["id"] = to_valid_utf8(collection.id);
  out["state"] = sync::to_string(collection.state);
  out["lag"] = seconds_json(collection.lag);
  out["master"] = collection.master;
  out["replica"] = collection.replica;
  out["missing"] = collection.news.found.missing;
  out["differs"] = collection.news.found.differs;
  out["extra"] = collection.news.found.extra;
  out["created"] = collection.news.written.created;
  out["updated"] = collection.news.written.updated;
  out["deleted"] = collection.news.written.deleted;
  out["cursor"] = stamp(collection.cursor);
  out["etag"] = stamp(collection.etag);
  out["audited"] = stamp(collection.audited);
  out["progress"] = progress_json(collection.progress);
  out["last_pass"] = last_pass_json(collection);
  out["next_pass"] = seconds_json(collection.next_pass);
  out["next_audit"] = seconds_json(collection.next_audit);
  out["failures"] = collection.failures;
  out["error"] = error_json(collection.news.error);
  out["quarantined"] = collection.quarantined;
  out["quarantine"] = refusals_json(collection.news.refusals);
  out["brake"] = brake_json(collection);
  if (collection.detail) tell_detail(out, *collection.detail, snapshot);
  return out;
}

json::object server_json(const ServerStatus& server) {
  json::object requests;
  for (const auto& [status, count] : server.exchanges.by_status) requests[status] = count;
  json::object out;
  out["name"] = server.name;
  out["url"] = server.url;
  out["requests"] = std::move(requests);
  return out;
}

// With the time for which each difference has been there.
json::object containers_of(const ReplicaStatus& replica) {
  json::object out = containers_json(replica.containers, to_valid_utf8);
  json::array& differences = out["differences"].as_array();
  for (std::size_t i = 0; i < replica.differing_for.size() && i < differences.size(); ++i) {
    differences[i].as_object()["for"] = seconds_json(replica.differing_for[i]);
  }
  return out;
}

json::object replica_json(const ReplicaStatus& replica, const Snapshot& snapshot) {
  json::array collections;
  for (const CollectionStatus& collection : replica.collections) {
    collections.push_back(collection_json(collection, snapshot));
  }
  json::object out = server_json(replica.server);
  out["server"] = to_string(replica.server.state);
  out["state"] = to_string(replica.state);
  out["in_sync"] = replica.in_sync;
  out["lag"] = seconds_json(replica.lag);
  out["next_pass"] = seconds_json(replica.next_round);
  out["error"] = error_json(replica.error);
  out["failing_for"] = replica.error ? seconds_json(replica.failing_for) : json::value(nullptr);
  out["containers"] = containers_of(replica);
  out["collections"] = std::move(collections);
  return out;
}

std::string_view state_of(const Deliveries& deliveries) {
  if (deliveries.error) return "failing";
  return deliveries.last_delivered ? "works" : "waiting";
}

json::value webhook_json(const std::optional<WebhookStatus>& webhook) {
  if (!webhook) return nullptr;
  const Deliveries& told = webhook->deliveries;
  json::object out;
  out["state"] = state_of(told);
  out["delivered"] = told.delivered;
  out["retried"] = told.retried;
  out["given_up"] = told.given_up;
  out["last_delivered"] = stamp(webhook->last_delivered);
  out["failing_for"] = told.error ? seconds_json(webhook->failing_for) : json::value(nullptr);
  out["error"] = error_json(told.error);
  return out;
}

}  // namespace

std::string status_json(const Snapshot& snapshot) {
  json::array replicas;
  for (const ReplicaStatus& replica : snapshot.replicas)
    replicas.push_back(replica_json(replica, snapshot));
  json::object out;
  out["version"] = snapshot.version;
  out["now"] = snapshot.now.ms;
  out["started"] = snapshot.started.ms;
  out["in_sync"] = snapshot.in_sync;
  out["shard"] = snapshot.shard.str();
  out["extras"] = snapshot.extras == sync::Extras::keep ? "keep" : "delete";
  json::object master = server_json(snapshot.master);
  master["state"] = to_string(snapshot.master.state);
  out["master"] = std::move(master);
  out["replicas"] = std::move(replicas);
  out["webhook"] = webhook_json(snapshot.webhook);
  return json::serialize(out) + "\n";
}

}  // namespace kinto_mirror::daemon
