#pragma once
// JSON as text, as Boost's serializer prints it, appended to what an answer has already.

#include "model/store.hpp"
#include "model/values.hpp"

#include <string>
#include <string_view>

namespace kinto_mirror::model {

// `text` in quotes.
void append_text(std::string& out, std::string_view text);
void append_value(std::string& out, const json::value& value);
void append_object(std::string& out, const json::object& object);

// An object with the fields of its own, as whole() makes it.
void append_whole(std::string& out, const std::string& id, const Object& object);
// Of these only `deleted`, `id` and `last_modified`.
void append_stamp(std::string& out, const std::string& id, const Object& object);

}  // namespace kinto_mirror::model
