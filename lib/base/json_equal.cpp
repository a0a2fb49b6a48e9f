#include "base/json_equal.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <cmath>
#include <limits>
#include <optional>
#include <string>

namespace kinto_mirror::json {

namespace {

namespace bj = boost::json;

bool same_number(const bj::value& one, const bj::value& other) {
  if (!one.is_double() && !other.is_double()) return one == other;
  const double a = one.to_number<double>();
  const double b = other.to_number<double>();
  return a == b || std::nextafter(a, b) == b;
}

// Recursion ends: the parser lets a text be nested 500 deep.
bool same_value(const bj::value& one, const bj::value& other) {
  if (one.is_number() && other.is_number()) return same_number(one, other);
  if (one.kind() != other.kind()) return false;
  if (const bj::array* const list = one.if_array()) {
    const bj::array& more = other.get_array();
    if (list->size() != more.size()) return false;
    for (std::size_t i = 0; i < list->size(); ++i) {
      if (!same_value((*list)[i], more[i])) return false;
    }
    return true;
  }
  if (const bj::object* const members = one.if_object()) {
    const bj::object& more = other.get_object();
    if (members->size() != more.size()) return false;
    for (const auto& member : *members) {
      const bj::value* const found = more.if_contains(member.key());
      if (found == nullptr || !same_value(member.value(), *found)) return false;
    }
    return true;
  }
  return one == other;
}

std::optional<bj::value> object_without(std::string_view text, std::string_view except) {
  bj::parse_options options;
  constexpr std::size_t deep = 500;
  options.max_depth = deep;
  boost::system::error_code failed;
  bj::value value = bj::parse(bj::string_view(text), failed, {}, options);
  if (failed || !value.is_object()) return std::nullopt;
  value.get_object().erase(bj::string_view(except));
  return value;
}

}  // namespace

bool same_object(std::string_view one, std::string_view other, std::string_view except) {
  const auto first = object_without(one, except);
  if (first && one == other) return true;
  const auto second = first ? object_without(other, except) : std::nullopt;
  return second && same_value(*first, *second);
}

}  // namespace kinto_mirror::json
