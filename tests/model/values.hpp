#pragma once
// JSON as Kinto's Python handles it.

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::model {

namespace json = boost::json;

std::optional<json::value> parse_json(std::string_view text, json::storage_ptr storage = {});

// A value of a query: JSON if it can be read so, else the text itself.
json::value native_value(std::string_view text);

// The field `path` of `object`, "a.b" being a field of a field; null if it is missing.
const json::value* find_nested(const json::object& object, std::string_view path);

// The order of values of different kinds, the same on both backends; a null pointer is missing.
int compare(const json::value* left, const json::value* right);

// Only the fields `names` ("a", "a.b").
json::object subset(const json::object& object, const std::vector<std::string>& names);

bool holds_null_character(const json::value& value);

// How many arrays and objects stand inside of each other.
std::size_t depth(std::string_view text) noexcept;
std::size_t depth(const json::value& value) noexcept;

// Integers, and only they: not true, not 1.0.
std::optional<std::int64_t> as_integer(const json::value& value);

// What PostgreSQL's jsonb makes of it.
void as_jsonb(json::value& value);

// The parts lie in `text`.
std::vector<std::string_view> split(std::string_view text, char separator);

// JSON merge patch (and what Kinto's PATCH makes of it).
void merge_patch(json::object& target, const json::object& changes);

}  // namespace kinto_mirror::model
