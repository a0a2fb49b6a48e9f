#include "model/printing.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace kinto_mirror::model {

namespace {

void append_number(std::string& out, std::int64_t number) {
  char digits[32];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

void append_fields(std::string& out, const json::object& object) {
  bool first = true;
  for (const auto& [key, value] : object) {
    if (!std::exchange(first, false)) out += ',';
    append_text(out, key);
    out += ':';
    append_value(out, value);
  }
}

// The end of an object: its own fields.
void append_own(std::string& out, const std::string& id, const Object& object) {
  out += "\"id\":";
  append_text(out, id);
  out += ",\"last_modified\":";
  append_number(out, object.stamp);
  out += '}';
}

}  // namespace

void append_text(std::string& out, std::string_view text) {
  const auto special = [](char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
  };
  const std::size_t begin = out.size();
  out += '"';
  if (std::ranges::none_of(text, special)) {
    out.append(text) += '"';
    return;
  }
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) < 0x20) {
      // Rare, and written in many ways.
      out.resize(begin);
      out += json::serialize(text);
      return;
    }
    if (c != '"' && c != '\\') continue;
    out.append(text.substr(done, i - done)) += '\\';
    done = i;
  }
  out.append(text.substr(done)) += '"';
}

void append_value(std::string& out, const json::value& value) {
  if (const auto* text = value.if_string()) {
    append_text(out, *text);
  } else if (const auto* number = value.if_int64()) {
    append_number(out, *number);
  } else if (const auto* object = value.if_object()) {
    append_object(out, *object);
  } else if (const auto* array = value.if_array()) {
    out += '[';
    for (const json::value& one : *array) {
      if (&one != array->data()) out += ',';
      append_value(out, one);
    }
    out += ']';
  } else if (const auto* truth = value.if_bool()) {
    out += *truth ? "true" : "false";
  } else {
    out += json::serialize(value);
  }
}

void append_object(std::string& out, const json::object& object) {
  out += '{';
  append_fields(out, object);
  out += '}';
}

void append_whole(std::string& out, const std::string& id, const Object& object) {
  out += '{';
  append_fields(out, object.data);
  if (!object.data.empty()) out += ',';
  append_own(out, id, object);
}

void append_stamp(std::string& out, const std::string& id, const Object& object) {
  out += '{';
  if (const json::value* const deleted = object.data.if_contains("deleted")) {
    out += "\"deleted\":";
    append_value(out, *deleted);
    out += ',';
  }
  append_own(out, id, object);
}

}  // namespace kinto_mirror::model
