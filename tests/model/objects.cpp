#include "model/objects.hpp"

#include "model/backend.hpp"
#include "model/body.hpp"
#include "model/containers.hpp"
#include "model/printing.hpp"
#include "model/query.hpp"
#include "model/rights.hpp"

#include <algorithm>

namespace kinto_mirror::model {

namespace {

// `data` is JSON, and so are the permissions, or empty.
http::Response answer_object(Call& call, int status, std::string_view data,
                             std::string_view permissions = {}) {
  std::string body = "{";
  if (!permissions.empty()) body.append("\"permissions\":").append(permissions).append(",");
  body.append("\"data\":").append(data).append("}");
  return text_answer(status, std::move(body), std::move(call.answer.headers));
}

std::string printed(const json::object& data) {
  std::string text;
  append_object(text, data);
  return text;
}

std::string printed_whole(const std::string& id, const Object& object) {
  std::string text;
  append_whole(text, id, object);
  return text;
}

void raise_if_any(std::vector<Invalid> errors) {
  if (!errors.empty()) throw Raised{invalid(std::move(errors))};
}

http::Response missing(const Call& call) {
  Fault what{404, 110, "Not Found", "", {}};
  what.details["id"] = call.target.id;
  what.details["resource_name"] = name_of(call.target.kind);
  return fault(what);
}

const Object& object_or_404(const Call& call) {
  const Object* const found = call.server.store.live(call.target.place, call.target.id);
  if (found == nullptr) throw Raised{missing(call)};
  return *found;
}

// Takes the stamp that the client chose out of `data`; nothing if it is none, or not above `old`.
std::optional<Epoch> take_stamp(const Server& server, json::object& data, const Object* old) {
  const json::value* const field = data.if_contains("last_modified");
  std::optional<Epoch> chosen = field == nullptr ? std::nullopt : as_integer(*field);
  if (field != nullptr && field->is_bool()) {  // a number to Python, but not to PostgreSQL
    chosen = field->get_bool() ? 1 : 0;
    if (!server.on_memory()) throw Raised{unavailable(server.options)};
  }
  if (chosen && *chosen != 0 && old != nullptr && *chosen <= old->stamp) chosen.reset();
  data.erase("last_modified");
  return chosen;
}

http::Response write_and_answer(Call& call, int status, const std::string& id, json::object data,
                                const json::object& permissions, const Object* old) {
  const std::optional<Epoch> chosen = take_stamp(call.server, data, old);
  const bool misnamed =
      data.if_contains("__permissions__") != nullptr;  // Kinto's own name for them
  data.erase("id");
  data.erase("__permissions__");
  Event event = written_event(call, id, old, data);
  const Object written = write_object(call.server, call.target.place, id, std::move(data), chosen);
  if (misnamed) throw Raised{broken()};
  const std::string uri = call.target.uri_of(id);
  grant(call, uri, permissions);
  call.unit.events.push_back(std::move(event));
  set_stamp(call.answer, written.stamp);
  return answer_object(call, status, printed_whole(id, written),
                       printed(visible_permissions(call, uri)));
}

// On PUT, a permission that is not named while another is becomes empty.
json::object permissions_for_put(const Call& call, const Body& body) {
  json::object permissions = body.permissions.value_or(json::object{});
  if (permissions.empty()) return permissions;
  std::vector<std::string> names{"read", "write"};
  if (call.target.kind == Kind::collection) names.emplace_back("record:create");
  if (call.target.kind == Kind::bucket) {
    names.insert(names.end(), {"collection:create", "group:create"});
  }
  for (const auto& name : names) {
    if (permissions.if_contains(name) == nullptr) permissions[name] = json::array();
  }
  return permissions;
}

void raise_if_id_differs(const json::object& data, const std::string& id) {
  const json::value* const named = data.if_contains("id");
  if (named == nullptr || (named->is_string() && named->get_string() == id)) return;
  throw Raised{invalid({{"body", "id", "Object id does not match existing object"}})};
}

}  // namespace

void raise_if_bad_id(const std::string& id) {
  if (!is_valid_id(id)) throw Raised{invalid({{"path", std::nullopt, "Invalid object id"}})};
}

std::string id_in_body(const Call& call) {
  std::optional<json::value> own;
  const json::value* const body = parsed_body(call, own);
  if (body == nullptr || !body->is_object()) return {};
  const json::value* const data = body->get_object().if_contains("data");
  if (data == nullptr || !data->is_object()) return {};
  const json::value* const id = data->get_object().if_contains("id");
  if (id == nullptr) return {};
  std::string text = id->is_string() ? std::string(id->get_string()) : "";
  raise_if_bad_id(text);
  return text;
}

http::Response get_object(Call& call, const Guards& guards, std::vector<Invalid> errors) {
  raise_if_any(std::move(errors));
  const Target& target = call.target;
  raise_if_bad_id(target.id);
  const Object* const found = call.server.store.live(target.place, target.id);
  if (found == nullptr) return missing(call);  // which is so frequent that throwing it would tell
  const Object& object = *found;
  set_stamp(call.answer, object.stamp);
  set_header(call.answer, "Cache-Control", "no-cache, no-store");
  raise_if_not_modified(guards, object.stamp);
  raise_if_modified(guards, call.server, target.place, true, target.id, &object);
  std::vector<std::string> fields = list_parameter(call.query, "_fields");
  if (fields.empty()) {
    return answer_object(call, 200, printed_whole(target.id, object),
                         printed(visible_permissions(call, target.uri)));
  }
  fields.insert(fields.end(), {"id", "last_modified"});
  return answer_object(call, 200, printed(subset(listed(target.id, object), fields)));
}

http::Response put_object(Call& call, const Guards& guards, std::vector<Invalid> errors) {
  const Target& target = call.target;
  Body body = read_body(call, errors);
  if (body.data) check_fields(target.kind, *body.data, "data.", errors);
  raise_if_any(std::move(errors));
  raise_if_bad_id(target.id);
  const Object* const old = call.server.store.live(target.place, target.id);
  raise_if_modified(guards, call.server, target.place, old != nullptr, target.id, old);
  json::object data;
  if (body.data) {
    data = std::move(*body.data);
  } else if (old != nullptr) {
    data = whole(target.id, *old);
  }
  raise_if_id_differs(data, target.id);
  return write_and_answer(call, old != nullptr ? 200 : 201, target.id, std::move(data),
                          permissions_for_put(call, body), old);
}

http::Response post_object(Call& call, const Guards& guards, const std::string& named,
                           std::vector<Invalid> errors) {
  const Target& target = call.target;
  Body body = read_body(call, errors);
  if (body.data) check_fields(target.kind, *body.data, "data.", errors);
  raise_if_any(std::move(errors));
  const Object* const found = named.empty() ? nullptr : call.server.store.live(target.place, named);
  raise_if_modified(guards, call.server, target.place, found != nullptr, named, found);
  if (found != nullptr) {
    set_stamp(call.answer, found->stamp);
    return answer_object(call, 200, printed_whole(named, *found),
                         printed(visible_permissions(call, target.uri_of(named))));
  }
  const std::string id = named.empty() ? call.server.new_uuid() : named;
  return write_and_answer(call, 201, id, body.data.value_or(json::object{}),
                          body.permissions.value_or(json::object{}), nullptr);
}

http::Response patch_object(Call& call, const Guards& guards, std::vector<Invalid> errors) {
  const Target& target = call.target;
  const Body body = read_body(call, errors);
  const auto behaviour = http::find_header(call.request.headers, "Response-Behavior");
  if (behaviour && *behaviour != "full" && *behaviour != "light" && *behaviour != "diff") {
    errors.push_back({"header", "Response-Behavior",
                      "\"" + std::string(*behaviour) + "\" is not one of full, light, diff"});
  }
  raise_if_any(std::move(errors));
  raise_if_bad_id(target.id);
  const Object old = object_or_404(call);
  raise_if_modified(guards, call.server, target.place, true, target.id, &old);
  if (body.empty) {
    throw Raised{invalid({{"body", "data", "Provide at least one of data or permissions"}})};
  }
  const json::object changes = body.data.value_or(json::object{});
  const json::object before = whole(target.id, old);
  json::object now = before;
  if (body.merges) {
    merge_patch(now, changes);
  } else {
    for (const auto& [key, value] : changes) now[key] = value;
  }
  std::vector<Invalid> wrong;
  check_fields(target.kind, now, "", wrong);
  raise_if_any(std::move(wrong));
  raise_if_id_differs(now, target.id);
  const json::object permissions = body.permissions.value_or(json::object{});
  http::Response response =
      write_and_answer(call, 200, target.id, std::move(now), permissions, &old);
  if (!behaviour || *behaviour == "full") return response;
  const json::value answered = *parse_json(response.body);
  const json::object& after = answered.at("data").as_object();
  json::object data;
  for (const auto& [key, value] : changes) {
    const json::value* const earlier = before.if_contains(key);
    const bool changed = earlier == nullptr || *earlier != after.at(key);
    if (changed && (*behaviour == "light" || value != after.at(key))) data[key] = after.at(key);
  }
  response.body = "{\"data\":" + printed(data) + "}";
  return response;
}

http::Response delete_object(Call& call, const Guards& guards, std::vector<Invalid> errors) {
  const Target& target = call.target;
  raise_if_any(std::move(errors));
  raise_if_bad_id(target.id);
  const Object& old = object_or_404(call);
  raise_if_modified(guards, call.server, target.place, true, target.id, &old);
  std::optional<Epoch> chosen;
  if (const std::string* const text = find_parameter(call.query, "last_modified")) {
    const json::value value = native_value(*text);
    chosen = as_integer(value);
    if (!chosen && !value.is_null() && !text->empty()) throw Raised{broken()};
    if (chosen && *chosen != 0 && *chosen <= old.stamp) chosen.reset();
  }
  note_deleted(call, target.id);
  forget_permissions(call.server, target.uri);
  const Object tombstone = bury(call.server, target.place, target.id, chosen);
  note_tombstone(call, tombstone);
  set_stamp(call.answer, tombstone.stamp);
  return answer_object(call, 200, printed_whole(target.id, tombstone));
}

}  // namespace kinto_mirror::model
