#include "model/containers.hpp"

#include "model/answers.hpp"
#include "model/backend.hpp"
#include "model/history.hpp"
#include "model/rights.hpp"

namespace kinto_mirror::model {

namespace {

std::set<std::string> members(const json::object& group) {
  std::set<std::string> found;
  const json::value* const list = group.if_contains("members");
  if (list == nullptr || !list->is_array()) return found;
  for (const auto& one : list->get_array()) {
    if (one.is_string()) found.emplace(one.get_string());
  }
  return found;
}

[[noreturn]] void raise_missing(const std::string& id, std::string_view kind) {
  Fault what{404, 111, "Not Found", "", {}};
  what.details["id"] = id;
  what.details["resource_name"] = kind;
  throw Raised{fault(what)};
}

}  // namespace

void find_collection(Call& call) {
  const Target& target = call.target;
  if (target.kind == Kind::bucket) return;
  if (!is_valid_id(target.bucket)) raise_missing(target.bucket, "bucket");
  if (target.kind != Kind::record) return;
  if (!is_valid_id(target.collection)) raise_missing(target.collection, "collection");
  // A batch looks once: it goes on writing into a collection that it has deleted.
  if (call.unit.known_collections.contains(target.place.parent)) return;
  const Place place{"/buckets/" + target.bucket, "collection"};
  if (call.server.store.live(place, target.collection) == nullptr) {
    raise_missing(target.collection, "collection");
  }
  call.unit.known_collections.insert(target.place.parent);
}

void note_deleted(Call& call, const std::string& id) {
  Event event{Event::What::bucket_deleted, call.target.uri_of(id), {}, {}, {}, {}};
  switch (call.target.kind) {
    case Kind::bucket:
      break;
    case Kind::collection:
      event.what = Event::What::collection_deleted;
      event.user = call.user.value_or("system.Everyone");
      break;
    case Kind::group:
      event.what = Event::What::group_deleted;
      event.members_before = members(call.server.store.live(call.target.place, id)->data);
      break;
    case Kind::record:
    case Kind::history:
      return;
  }
  call.unit.events.push_back(std::move(event));
}

void note_tombstone(Call& call, const Object& tombstone) {
  if (call.target.kind == Kind::collection) call.unit.events.back().tombstone = tombstone.stamp;
}

Event written_event(const Call& call, const std::string& id, const Object* old,
                    const json::object& data) {
  Event event{Event::What::group_written, call.target.uri_of(id), {}, {}, {}, {}};
  if (call.target.kind != Kind::group) return event;
  if (old != nullptr) event.members_before = members(old->data);
  event.members_now = members(data);
  return event;
}

void finish(Server& server, Unit& unit) {
  for (const Event& event : unit.events) {
    switch (event.what) {
      case Event::What::bucket_deleted:
        erase_under(server, event.uri, false);
        forget_permissions(server, event.uri);
        erase_under(server, event.uri, true);
        forget_permissions(server, event.uri + "/*");
        break;
      case Event::What::collection_deleted:
        erase_under(server, event.uri, false);
        forget_permissions(server, event.uri + "/*");
        note_in_history(server, event);
        break;
      case Event::What::group_deleted:
      case Event::What::group_written:
        note_members(server, event);
        break;
    }
  }
  unit.events.clear();
}

}  // namespace kinto_mirror::model
