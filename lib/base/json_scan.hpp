#pragma once
// Where a JSON value ends. For json_slice.cpp; everybody else reads with what json_slice.hpp has.

#include <cstddef>
#include <string_view>

namespace kinto_mirror::json {

inline constexpr std::size_t npos = std::string_view::npos;

// The next place, from `at` on, that is no white space; text.size() where there is none.
inline std::size_t skip_space(std::string_view text, std::size_t at) noexcept {
  const auto is_space = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  while (at < text.size() && is_space(text[at])) ++at;
  return at;
}

// `at` is the opening quote; returns the place behind the closing one, or npos where there is none,
// or where something between is no JSON (RFC 8259, 7) or no UTF-8.
std::size_t skip_string(std::string_view text, std::size_t at) noexcept;

// The place behind the value that begins at `at` (white space before it is skipped); npos where
// that is no well-formed value, or is nested deeper than 10,000 levels.
std::size_t skip_value(std::string_view text, std::size_t at);

}  // namespace kinto_mirror::json
