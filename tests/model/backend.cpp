#include "model/backend.hpp"

#include "model/answers.hpp"
#include "model/stamps.hpp"

#include <algorithm>

namespace kinto_mirror::model {

namespace {

std::optional<Epoch> newest(const Server& server, const Shelf* shelf) {
  if (shelf == nullptr) return std::nullopt;
  if (server.on_memory() || shelf->by_stamp.empty()) return shelf->timestamp;
  const Epoch last = shelf->by_stamp.rbegin()->first;
  return std::max(last, shelf->timestamp.value_or(last));
}

Epoch stamp_for(Server& server, const Place& place, const std::string& id,
                std::optional<Epoch> chosen) {
  const Shelf* const shelf = server.store.shelf(place);
  const Assigned assigned =
      assign_stamp(server.options.profile, newest(server, shelf), chosen, server.clock());
  if (assigned.collection) server.store.change(TimestampChange{place, assigned.collection});
  if (!server.on_memory() && shelf != nullptr) {
    const auto taken = shelf->by_stamp.lower_bound({assigned.stamp, ""});
    if (taken != shelf->by_stamp.end() && taken->first == assigned.stamp && taken->second != id) {
      throw Raised{conflict(server.options)};
    }
  }
  return assigned.stamp;
}

bool matches(const Server& server, const std::string& parent, const std::string& uri,
             bool children) {
  if (!children) return parent == uri;
  if (server.on_memory()) return parent.starts_with(uri + "/");
  return is_like(parent, uri + "/%");
}

// With its transaction, as the history's own stamp of it tells.
void note_record(Server& server, const Place& place, const std::string& id) {
  const auto& options = server.options;
  if (!options.history || !options.history_of_records || place.kind != "record") return;
  json::object entry;
  entry["uri"] = place.parent + "/records/" + id;
  entry["resource_name"] = "record";
  const std::string bucket = place.parent.substr(0, place.parent.find("/collections/"));
  (void)write_object(server, {bucket, "history"}, server.new_uuid(), std::move(entry),
                     std::nullopt);
}

}  // namespace

Epoch timestamp(Server& server, const Place& place) {
  const Shelf* const shelf = server.store.shelf(place);
  std::optional<Epoch> known = newest(server, shelf);
  if (server.options.readonly && !server.on_memory()) {  // the memory backend is not told
    if (known) return *known;
    throw Raised{unavailable(server.options,
                             "Resource timestamp cannot be written. Plural endpoint must be hit at "
                             "least once from a writable instance.")};
  }
  if (shelf == nullptr || !shelf->timestamp) {
    if (!known) known = server.clock();
    server.store.change(TimestampChange{place, known});
  }
  return *known;
}

Object write_object(Server& server, const Place& place, const std::string& id, json::object data,
                    std::optional<Epoch> chosen) {
  if (!server.on_memory() && holds_null_character(data)) throw Raised{unavailable(server.options)};
  Object object;
  object.stamp = stamp_for(server, place, id, chosen);
  object.data = std::move(data);
  const Object* const old = server.store.live(place, id);
  object.order = old != nullptr ? old->order : server.store.next_order();
  Object stored = object;
  if (!server.on_memory()) {
    for (auto& pair : stored.data) as_jsonb(pair.value());
  }
  server.store.change(ObjectChange{place, id, std::move(stored)});
  note_record(server, place, id);
  return object;
}

Object bury(Server& server, const Place& place, const std::string& id,
            std::optional<Epoch> chosen) {
  Object tombstone;
  tombstone.stamp = stamp_for(server, place, id, chosen);
  tombstone.deleted = true;
  tombstone.data["deleted"] = true;
  tombstone.order = server.store.next_order();
  server.store.change(ObjectChange{place, id, tombstone});
  note_record(server, place, id);
  return tombstone;
}

void erase_under(Server& server, const std::string& uri, bool with_children) {
  std::vector<ObjectChange> gone;
  std::vector<TimestampChange> forgotten;
  std::int64_t live = 0;
  for (const auto& [place, shelf] : server.store.shelves()) {
    const bool inside = matches(server, place.parent, uri, with_children);
    // The memory backend purges by a pattern without an end: "/buckets/b" takes in "/buckets/b2".
    const bool purged =
        inside || (server.on_memory() && place.parent.starts_with(with_children ? uri + "/" : uri));
    if (!purged) continue;
    for (const auto& [id, object] : shelf.objects) {
      if (!object.deleted && !inside) continue;
      // PostgreSQL deletes no more rows at once than it would fetch. The rest are orphans.
      const bool limited = !server.on_memory() && !server.is_old();
      if (!object.deleted && limited && live++ >= server.options.max_fetch_size) continue;
      gone.push_back({place, id, std::nullopt});
    }
    if (shelf.timestamp) forgotten.push_back({place, std::nullopt});
  }
  for (auto& change : gone) server.store.change(std::move(change));
  for (auto& change : forgotten) server.store.change(std::move(change));
}

void purge_tombstones(Server& server, const std::string& parent_pattern) {
  std::vector<ObjectChange> gone;
  std::vector<TimestampChange> forgotten;
  for (const auto& [place, shelf] : server.store.shelves()) {
    std::string pattern = parent_pattern;
    std::ranges::replace(pattern, '*', '%');
    if (!is_like(place.parent, pattern)) continue;
    for (const auto& [id, object] : shelf.objects) {
      if (object.deleted) gone.push_back({place, id, std::nullopt});
    }
    forgotten.push_back({place, std::nullopt});
  }
  for (auto& change : gone) server.store.change(std::move(change));
  for (auto& change : forgotten) server.store.change(std::move(change));
}

bool is_like(std::string_view text, std::string_view pattern) noexcept {
  for (; !pattern.empty() && pattern.front() != '%'; pattern.remove_prefix(1)) {
    if (text.empty() || (pattern.front() != '_' && pattern.front() != text.front())) return false;
    text.remove_prefix(1);
  }
  if (pattern.empty()) return text.empty();
  for (std::size_t skip = 0; skip <= text.size(); ++skip) {
    if (is_like(text.substr(skip), pattern.substr(1))) return true;
  }
  return false;
}

}  // namespace kinto_mirror::model
