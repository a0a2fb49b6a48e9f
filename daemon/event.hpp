#pragma once
// What is logged: a message with its type and its values, as plain data.

#include "daemon/log_options.hpp"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kinto_mirror::daemon {

using FieldValue = std::variant<std::string, std::int64_t, double, bool>;

struct Field {
  std::string key;
  FieldValue value;

  Field(std::string key_, std::string value_) : key(std::move(key_)), value(std::move(value_)) {}
  Field(std::string key_, std::string_view value_) : Field(std::move(key_), std::string(value_)) {}
  Field(std::string key_, const char* value_) : Field(std::move(key_), std::string(value_)) {}
  Field(std::string key_, double value_) : key(std::move(key_)), value(value_) {}
  // A template each, so that neither a pointer becomes true nor a count a double.
  template <std::same_as<bool> T>
  Field(std::string key_, T value_) : key(std::move(key_)), value(value_) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) Field(std::string key_, T value_)
      : key(std::move(key_)), value(static_cast<std::int64_t>(value_)) {}
};

using Fields = std::vector<Field>;  // in the order in which they are printed

struct Event {
  std::chrono::system_clock::time_point time;
  Level level = Level::info;
  std::string type;  // "sync.pass"
  std::string message;
  Fields fields;
};

std::string_view to_string(Level level) noexcept;

// `2026-11-24 03:44:05.123 info  message key=value key="two words"`, in UTC, as the servers' own
// stamps are.
std::string text_line(const Event& event, bool colours);

}  // namespace kinto_mirror::daemon
