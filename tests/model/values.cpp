#include "model/values.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cmath>

namespace kinto_mirror::model {

namespace {

int rank(const json::value* value) {
  if (value == nullptr) return 6;
  switch (value->kind()) {
    case json::kind::null:
      return 0;
    case json::kind::string:
      return 1;
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return 2;
    case json::kind::bool_:
      return 3;
    case json::kind::array:
      return 4;
    case json::kind::object:
      return 5;
  }
  return 6;
}

template <typename T>
int three_way(const T& left, const T& right) {
  return left < right ? -1 : right < left ? 1 : 0;
}

bool is_finite(const json::value& value) {
  if (const auto* number = value.if_double()) return std::isfinite(*number);
  if (const auto* array = value.if_array()) return std::ranges::all_of(*array, is_finite);
  if (const auto* object = value.if_object()) {
    return std::ranges::all_of(*object, [](const auto& pair) { return is_finite(pair.value()); });
  }
  return true;
}

// What most values are: a JSON number of no more than a stamp's digits.
std::optional<std::int64_t> plain_number(std::string_view text) noexcept {
  constexpr std::size_t longest = 15;
  if (text.empty() || text.size() > longest || (text.front() == '0' && text.size() > 1)) {
    return std::nullopt;
  }
  std::int64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

}  // namespace

std::optional<json::value> parse_json(std::string_view text, json::storage_ptr storage) {
  json::parse_options options;
  options.max_depth = 1500;
  json::error_code error;
  json::value value = json::parse(text, error, std::move(storage), options);
  if (error || !is_finite(value)) return std::nullopt;
  return value;
}

json::value native_value(std::string_view text) {
  if (const auto number = plain_number(text)) return *number;
  if (auto value = parse_json(text)) return std::move(*value);
  return json::value(text);
}

const json::value* find_nested(const json::object& object, std::string_view path) {
  if (const json::value* const found = object.if_contains(path)) return found;
  for (std::size_t dot = path.rfind('.'); dot != std::string_view::npos && dot > 0;
       dot = path.rfind('.', dot - 1)) {
    const json::value* const root = object.if_contains(path.substr(0, dot));
    if (root == nullptr) continue;
    if (!root->is_object()) return nullptr;
    return find_nested(root->get_object(), path.substr(dot + 1));
  }
  return nullptr;
}

int compare(const json::value* left, const json::value* right) {
  if (const int by_rank = three_way(rank(left), rank(right)); by_rank != 0) return by_rank;
  if (left == nullptr || left->is_null()) return 0;
  if (left->is_string()) {
    return three_way(std::string_view(left->get_string()).compare(right->get_string()), 0);
  }
  if (left->is_bool()) return three_way(left->get_bool(), right->get_bool());
  if (left->is_number()) {
    if (left->is_int64() && right->is_int64()) {
      return three_way(left->get_int64(), right->get_int64());
    }
    return three_way(left->to_number<double>(), right->to_number<double>());
  }
  if (left->is_array()) {
    const auto& a = left->get_array();
    const auto& b = right->get_array();
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
      if (const int by_item = compare(&a[i], &b[i]); by_item != 0) return by_item;
    }
    return three_way(a.size(), b.size());
  }
  return *left == *right ? 0 : three_way(left->get_object().size(), right->get_object().size());
}

json::object subset(const json::object& object, const std::vector<std::string>& names) {
  json::object result;
  for (const std::string& name : names) {
    const std::size_t dot = name.find('.');
    const std::string root = name.substr(0, dot);
    const json::value* const found = object.if_contains(root);
    if (found == nullptr) continue;
    if (dot == std::string::npos || !found->is_object()) {
      result[root] = *found;
      continue;
    }
    json::object inner = subset(found->get_object(), {name.substr(dot + 1)});
    json::value& slot = result[root];
    if (!slot.is_object()) slot.emplace_object();
    for (auto& [key, value] : inner) slot.get_object()[key] = std::move(value);
  }
  return result;
}

bool holds_null_character(const json::value& value) {
  if (const auto* text = value.if_string()) return text->find('\0') != json::string::npos;
  if (const auto* array = value.if_array())
    return std::ranges::any_of(*array, holds_null_character);
  if (const auto* object = value.if_object()) {
    return std::ranges::any_of(*object, [](const auto& pair) {
      return pair.key().find('\0') != std::string_view::npos || holds_null_character(pair.value());
    });
  }
  return false;
}

std::size_t depth(std::string_view text) noexcept {
  std::size_t deepest = 0;
  std::size_t open = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') quoted = !quoted;
    if (quoted && c == '\\') ++i;
    if (quoted) continue;
    if (c == '[' || c == '{') deepest = std::max(deepest, ++open);
    if ((c == ']' || c == '}') && open > 0) --open;
  }
  return deepest;
}

std::size_t depth(const json::value& value) noexcept {
  std::size_t deepest = 0;
  if (const auto* array = value.if_array()) {
    for (const auto& one : *array) deepest = std::max(deepest, depth(one));
  } else if (const auto* object = value.if_object()) {
    for (const auto& pair : *object) deepest = std::max(deepest, depth(pair.value()));
  } else {
    return 0;
  }
  return deepest + 1;
}

std::optional<std::int64_t> as_integer(const json::value& value) {
  if (const auto* number = value.if_int64()) return *number;
  return std::nullopt;
}

void as_jsonb(json::value& value) {
  if (auto* number = value.if_double()) {
    if (*number == 0) *number = 0.0;
  } else if (auto* array = value.if_array()) {
    std::ranges::for_each(*array, as_jsonb);
  } else if (auto* object = value.if_object()) {
    for (auto& pair : *object) as_jsonb(pair.value());
  }
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  parts.reserve(static_cast<std::size_t>(std::ranges::count(text, separator)) + 1);
  for (std::size_t end = text.find(separator); end != std::string_view::npos;
       end = text.find(separator)) {
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  parts.push_back(text);
  return parts;
}

void merge_patch(json::object& target, const json::object& changes) {
  for (const auto& [key, value] : changes) {
    if (value.is_object()) {
      json::value& slot = target[key];
      if (!slot.is_object()) slot.emplace_object();
      merge_patch(slot.get_object(), value.get_object());
    } else if (value.is_null()) {
      if (target.if_contains(key) != nullptr) target.erase(key);
    } else {
      target[key] = value;
    }
  }
}

}  // namespace kinto_mirror::model
