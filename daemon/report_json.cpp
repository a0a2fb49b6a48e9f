#include "daemon/report_json.hpp"

#include "daemon/containers_text.hpp"
#include "daemon/report_text.hpp"
#include "daemon/text.hpp"

#include <boost/json.hpp>

namespace kinto_mirror::daemon {

namespace json = boost::json;

namespace {

class Writer {
 public:
  Writer(const SecretGuard& guard, const Caller& caller) : guard_(guard), caller_(caller) {}

  json::object of(const sync::RunReport& report, const std::vector<Notice>& notices) const {
    json::array replicas;
    for (const sync::ReplicaReport& replica : report.replicas) replicas.push_back(of(replica));
    json::object out;
    out["in_sync"] = report.in_sync();
    out["replicas"] = std::move(replicas);
    if (notices.empty()) return out;
    json::array told;
    for (const Notice& notice : notices) told.push_back(of(notice));
    out["notices"] = std::move(told);
    return out;
  }

 private:
  json::object of(const sync::ReplicaReport& replica) const {
    json::array collections;
    for (const sync::CollectionReport& collection : replica.collections) {
      collections.push_back(of(collection));
    }
    json::object out;
    out["name"] = replica.name;
    out["url"] = replica.url;
    out["collections"] = std::move(collections);
    out["containers"] = containers_of(replica);
    if (replica.error) out["error"] = of(*replica.error);
    return out;
  }

  // Of a replica of which nothing was compared, they were not either.
  json::object containers_of(const sync::ReplicaReport& replica) const {
    json::object out =
        containers_json(replica.containers, [this](std::string_view text) { return words(text); });
    if (replica.error) out["state"] = sync::to_string(sync::State::failed);
    return out;
  }

  json::object of(const sync::CollectionReport& collection) const {
    json::array quarantined;
    for (const sync::Refusal& refusal : collection.quarantined) {
      json::object item;
      item["id"] = to_valid_utf8(refusal.id);
      item["status"] = refusal.status;
      item["reason"] = words(refusal.reason);
      quarantined.push_back(std::move(item));
    }
    json::object out;
    out["id"] = collection.id.str();
    out["state"] = sync::to_string(collection.state);
    out["master"] = collection.master;
    out["replica"] = collection.replica;
    out["created"] = collection.written.created;
    out["updated"] = collection.written.updated;
    out["deleted"] = collection.written.deleted;
    out["same"] = collection.same;
    out["missing"] = collection.found.missing;
    out["differs"] = collection.found.differs;
    out["extra"] = collection.found.extra;
    out["quarantined"] = std::move(quarantined);
    if (!collection.differences.empty()) out["differences"] = differences_of(collection);
    say_why(collection, out);
    return out;
  }

  // At most CollectionReport::max_named of them.
  static json::array differences_of(const sync::CollectionReport& collection) {
    json::array out;
    for (const sync::RecordDifference& one : collection.differences) {
      json::object item;
      item["id"] = to_valid_utf8(one.id);
      item["kind"] = sync::to_string(one.finding);
      out.push_back(std::move(item));
    }
    return out;
  }

  void say_why(const sync::CollectionReport& collection, json::object& out) const {
    // Of a collection that differs, the numbers tell it all.
    const bool plain = collection.state == sync::State::in_sync ||
                       (collection.state == sync::State::different && !collection.brake);
    if (!plain) out["reason"] = words(reason_text(collection, caller_));
    if (collection.error) out["error"] = of(*collection.error);
    if (collection.brake) out["brake"] = of(*collection.brake);
    if (collection.notes.empty()) return;
    json::array notes;
    for (const std::string& note : collection.notes) notes.emplace_back(words(note));
    out["notes"] = std::move(notes);
  }

  json::object of(const Error& error) const {
    json::object out;
    out["kind"] = to_string(error.code);
    out["message"] = words(error.message);
    return out;
  }

  static json::object of(const sync::BrakeReport& brake) {
    json::array ids;
    for (const std::string& id : brake.ids) ids.emplace_back(to_valid_utf8(id));
    json::object out;
    out["would_delete"] = brake.would_delete;
    out["allowed"] = brake.allowed;
    out["ids"] = std::move(ids);
    return out;
  }

  json::object of(const Notice& notice) const {
    json::object out;
    out["replica"] = notice.replica;
    if (!notice.collection.empty()) out["collection"] = notice.collection;
    out["message"] = words(notice.message);
    return out;
  }

  // What may hold a server's own words.
  [[nodiscard]] std::string words(std::string_view text) const {
    return to_valid_utf8(guard_.clean(text));
  }

  const SecretGuard& guard_;
  const Caller& caller_;
};

}  // namespace

std::string report_json(const sync::RunReport& report, const std::vector<Notice>& notices,
                        const SecretGuard& guard, const Caller& caller) {
  return json::serialize(Writer(guard, caller).of(report, notices)) + "\n";
}

}  // namespace kinto_mirror::daemon
