#include "model/body.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cmath>

namespace kinto_mirror::model {

namespace {

// Where Python's recursion ends, in a Kinto that waitress serves.
constexpr std::size_t max_depth = 481;

std::vector<std::string> permissions_of(Kind kind) {
  switch (kind) {
    case Kind::bucket:
      return {"read", "write", "collection:create", "group:create"};
    case Kind::collection:
      return {"read", "write", "record:create"};
    default:
      return {"read", "write"};
  }
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

json::object read_permissions(Kind kind, const json::object& given, std::vector<Invalid>& errors) {
  json::object permissions;
  const std::vector<std::string> known = permissions_of(kind);
  for (const auto& [key, principals] : given) {
    const std::string name(key);
    if (principals.is_null()) continue;
    if (std::ranges::find(known, name) == known.end()) {
      errors.push_back({"body", "permissions", "\"" + name + "\" is not one of " + joined(known)});
      continue;
    }
    if (!principals.is_array()) {
      const std::string text =
          principals.is_string() ? std::string(principals.get_string()) : python_text(principals);
      errors.push_back({"body", "permissions." + name, "\"" + text + "\" is not iterable"});
      continue;
    }
    permissions[name] = principals;
  }
  return permissions;
}

void check_content_type(const Call& call, Body& body) {
  const auto header = http::find_header(call.request.headers, "Content-Type");
  if (!header || header->empty()) return;
  const std::string type(header->substr(0, header->find(';')));
  const bool patch = call.request.method == "PATCH";
  body.merges = patch && type == "application/merge-patch+json";
  if (type == "application/json" || body.merges) return;
  std::string accepted = "'application/json'";
  if (patch) accepted += ", 'application/merge-patch+json', 'application/json-patch+json'";
  http::Response response = invalid(
      {{"header", "Content-Type", "Content-Type header should be one of [" + accepted + "]"}});
  json::value answer = *parse_json(response.body);
  answer.as_object()["code"] = 415;
  response.status = 415;
  response.body = json::serialize(answer);
  throw Raised{std::move(response)};
}

}  // namespace

std::string python_text(const json::value& value) {
  if (value.is_null()) return "None";
  if (value.is_bool()) return value.get_bool() ? "True" : "False";
  if (value.is_string()) return "'" + std::string(value.get_string()) + "'";
  std::string text;
  if (const auto* array = value.if_array()) {
    for (const auto& one : *array) text += (text.empty() ? "" : ", ") + python_text(one);
    return "[" + text + "]";
  }
  if (const auto* object = value.if_object()) {
    for (const auto& [key, one] : *object) {
      text += (text.empty() ? "'" : ", '") + std::string(key) + "': " + python_text(one);
    }
    return "{" + text + "}";
  }
  return json::serialize(value);
}

std::string no_mapping(const json::value& value) {
  const std::string text = value.is_string() ? std::string(value.get_string()) : python_text(value);
  return "\"" + text + "\" is not a mapping type: Does not implement dict-like functionality.";
}

std::string unknown_keys(const json::object& unknown) {
  return "Unrecognized keys in mapping: \"" + python_text(unknown) + "\"";
}

const json::value* parsed_body(const Call& call, std::optional<json::value>& own) {
  if (call.body != nullptr) return call.body;
  own = parse_json(call.request.body);
  return own ? &*own : nullptr;
}

Body read_body(const Call& call, std::vector<Invalid>& errors) {
  Body body;
  check_content_type(call, body);
  if (call.body == nullptr && call.request.body.empty()) return body;
  const bool too_deep =
      call.body != nullptr ? depth(*call.body) > max_depth : depth(call.request.body) > max_depth;
  if (too_deep) throw Raised{broken()};
  std::optional<json::value> own;
  const json::value* const parsed = parsed_body(call, own);
  if (parsed == nullptr || !parsed->is_structured()) {
    errors.push_back(
        {"body", "", parsed != nullptr ? "Should be a JSON object or an array" : "Invalid JSON"});
    errors.push_back({"body", "", "Required"});
    return body;
  }
  const json::object* const object = parsed->if_object();
  if (object == nullptr) {
    errors.push_back({"body", "", no_mapping(*parsed)});
    return body;
  }
  json::object unknown;
  for (const auto& [key, value] : *object) {
    if (key != "data" && key != "permissions") {
      unknown[key] = value;
    } else if (!value.is_object()) {
      errors.push_back({"body", std::string(key), no_mapping(value)});
    } else if (key == "data") {
      body.data.emplace(value.get_object(), json::storage_ptr());
    } else {
      body.permissions = read_permissions(call.target.kind, value.get_object(), errors);
    }
  }
  if (!unknown.empty()) errors.push_back({"body", "", unknown_keys(unknown)});
  body.empty = !body.data && !body.permissions;
  return body;
}

void check_fields(Kind kind, json::object& data, const std::string& prefix,
                  std::vector<Invalid>& errors) {
  const auto refuse = [&](const std::string& name, const std::string& why) {
    errors.push_back({"body", prefix + name, why});
  };
  if (kind == Kind::group) {
    json::value& members = data["members"];
    if (members.is_null()) {
      members = json::array();
    } else if (!members.is_array()) {
      refuse("members", "\"" + python_text(members) + "\" is not iterable");
    }
  }
  if (kind != Kind::collection) return;
  if (const json::value* const schema = data.if_contains("schema");
      schema != nullptr && !schema->is_object()) {
    refuse("schema", no_mapping(*schema));
  }
  json::value* const expires = data.if_contains("cache_expires");
  if (expires == nullptr) return;
  if (expires->is_double()) *expires = static_cast<std::int64_t>(std::trunc(expires->get_double()));
  if (expires->is_string()) {
    const std::string text(expires->get_string());
    const json::value number = native_value(text);
    if (number.is_int64()) {
      *expires = number;
    } else {
      refuse("cache_expires", "\"" + text + "\" is not a number");
    }
  }
}

}  // namespace kinto_mirror::model
