#include "model/preconditions.hpp"

#include "model/backend.hpp"

#include <algorithm>
#include <charconv>

namespace kinto_mirror::model {

namespace {

void read_guard(const http::Headers& headers, std::string_view name, Epoch& stamp, bool& any,
                std::vector<Invalid>& errors) {
  const auto header = http::find_header(headers, name);
  if (!header || header->empty()) return;
  if (header->starts_with('*')) {
    any = true;
    return;
  }
  const bool quoted = header->size() > 2 && header->front() == '"' && header->back() == '"';
  const std::string_view digits = quoted ? header->substr(1, header->size() - 2) : "";
  const bool number =
      quoted && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  if (!number) {
    errors.push_back(
        {"header", std::string(name), "The value should be integer between double quotes."});
    return;
  }
  std::from_chars(digits.data(), digits.data() + digits.size(), stamp);
}

}  // namespace

Guards read_guards(const http::Headers& headers, std::vector<Invalid>& errors) {
  Guards guards;
  read_guard(headers, "If-Match", guards.if_match, guards.if_match_any, errors);
  read_guard(headers, "If-None-Match", guards.if_none_match, guards.if_none_match_any, errors);
  return guards;
}

void raise_if_not_modified(const Guards& guards, Epoch etag) {
  if (guards.if_none_match_any || guards.if_none_match == 0 || guards.if_none_match != etag) return;
  http::Response response;
  response.status = 304;
  set_stamp(response, etag);
  throw Raised{std::move(response)};
}

void raise_if_modified(const Guards& guards, Server& server, const Place& place, bool exists,
                       const std::string& id, const Object* object) {
  Epoch required = 0;
  const bool wants_one = guards.if_match_any || guards.if_match != 0;
  if ((guards.if_none_match_any && exists) || (wants_one && !exists)) {
    required = -1;
  } else if (guards.if_match != 0) {
    required = guards.if_match;
  } else {
    return;
  }
  const Epoch current = object != nullptr ? object->stamp : timestamp(server, place);
  if (current == required) return;
  Fault what{412, 114, "Precondition Failed", "Resource was modified meanwhile", {}};
  if (object != nullptr) what.details["existing"] = whole(id, *object);
  http::Response response = fault(what);
  set_stamp(response, current);
  throw Raised{std::move(response)};
}

}  // namespace kinto_mirror::model
