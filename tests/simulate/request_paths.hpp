#pragma once
// What a request is about, by its method and path.

#include <string_view>

namespace kinto_mirror::simulate {

// Without /v1 and query.
inline std::string_view bare(std::string_view target) noexcept {
  if (target.starts_with("/v1")) target.remove_prefix(3);
  return target.substr(0, target.find('?'));
}

inline bool writes(std::string_view method) noexcept {
  return method != "GET" && method != "HEAD";
}

// A container, or all records of a collection.
inline bool deletes_more(std::string_view path) noexcept {
  return path.find("/records/") == std::string_view::npos;
}

}  // namespace kinto_mirror::simulate
