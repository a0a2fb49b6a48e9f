#include "model/history.hpp"

#include "model/backend.hpp"

#include <cstdio>
#include <ctime>

namespace kinto_mirror::model {

namespace {

// 2026-11-30T03:16:21.325000+00:00
std::string iso_date(Epoch ms) {
  const std::time_t seconds = ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + size, sizeof text - size, ".%03d000+00:00", static_cast<int>(ms % 1000));
  return text;
}

}  // namespace

void note_in_history(Server& server, const Event& deletion) {
  if (!server.options.history) return;
  const std::string& uri = deletion.uri;
  const std::string bucket = uri.substr(0, uri.find("/collections/"));
  const std::string collection = uri.substr(uri.rfind('/') + 1);
  json::object tombstone;
  tombstone["id"] = collection;
  tombstone["last_modified"] = deletion.tombstone.value_or(0);
  tombstone["deleted"] = true;
  json::object target;
  target["data"] = std::move(tombstone);
  target["permissions"] = json::object{};
  json::object entry;
  entry["date"] = iso_date(server.clock());
  entry["target"] = std::move(target);
  entry["action"] = "delete";
  entry["uri"] = uri;
  entry["user_id"] = deletion.user;
  entry["resource_name"] = "collection";
  entry["collection_id"] = collection;
  (void)write_object(server, {bucket, "history"}, server.new_uuid(), std::move(entry),
                     std::nullopt);
}

}  // namespace kinto_mirror::model
