#pragma once
// What several pages say in the same way.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/utf8.hpp"

#include <boost/json/object.hpp>

#include <optional>

namespace kinto_mirror::daemon {

// Whole ones, rounded up, so that 0 means none; null for nothing.
inline boost::json::value seconds_json(std::optional<Millis> time) {
  if (!time) return nullptr;
  return (time->count() + 999) / 1000;
}

// {"kind": "unreachable", "message": ...}, or null
inline boost::json::value error_json(const std::optional<Error>& error) {
  if (!error) return nullptr;
  boost::json::object out;
  out["kind"] = to_string(error->code);
  out["message"] = to_valid_utf8(error->message);
  return out;
}

}  // namespace kinto_mirror::daemon
