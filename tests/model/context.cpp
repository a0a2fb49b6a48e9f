#include "model/context.hpp"

#include "http/url.hpp"

#include <algorithm>
#include <cstdio>

namespace kinto_mirror::model {

std::string Server::new_uuid() {
  char text[64];
  std::snprintf(text, sizeof text, "00000000-0000-4000-8000-%012llx",
                static_cast<unsigned long long>(++serial));
  return text;
}

std::string Target::uri_of(const std::string& object) const {
  return plural_uri + "/" + http::percent_encode(object);
}

json::object whole(const std::string& id, const Object& object) {
  json::object result = object.data;
  result["id"] = id;
  result["last_modified"] = object.stamp;
  return result;
}

const json::object& listed(const std::string& id, const Object& object) {
  if (!object.listed) object.listed = std::make_shared<const json::object>(whole(id, object));
  return *object.listed;
}

std::string_view name_of(Kind kind) noexcept {
  switch (kind) {
    case Kind::bucket:
      return "bucket";
    case Kind::group:
      return "group";
    case Kind::collection:
      return "collection";
    case Kind::record:
      return "record";
    case Kind::history:
      return "history";
  }
  return "";
}

bool is_valid_id(std::string_view id) noexcept {
  // The `$` of Kinto's expression lets one newline in at the end.
  if (!id.empty() && id.back() == '\n') id.remove_suffix(1);
  const auto is_alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !id.empty() && is_alphanumeric(id.front()) && std::ranges::all_of(id, [&](char c) {
    return is_alphanumeric(c) || c == '_' || c == '-';
  });
}

}  // namespace kinto_mirror::model
