#pragma once
// What Boost.JSON says of a text, to hold our own reading against.

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace kinto_mirror::fuzz {

namespace bj = boost::json;

// A text as Boost.JSON 1.81 takes it where RFC 8259 does: it refuses an escape that is half of a
// surrogate pair, and an exponent that is beyond an int.
inline std::string tame(std::string_view text) {
  constexpr std::string_view any_character = "\\ufffd";
  constexpr std::size_t most_digits = 3;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto surrogate = [text](std::size_t at, std::string_view kinds) {
    return text.substr(at, 2) == "\\u" && at + 6 <= text.size() &&
           (text[at + 2] == 'd' || text[at + 2] == 'D') &&
           kinds.find(text[at + 3]) != std::string_view::npos;
  };
  const std::string_view high = "89abAB";
  const std::string_view low = "cdefCDEF";
  std::string out;
  bool in_string = false;
  std::size_t digits = 0;  // of an exponent; none where we are in none
  bool in_exponent = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') in_string = !in_string;
    if (!in_string) {
      if (c == 'e' || c == 'E') digits = 0;
      in_exponent = c == 'e' || c == 'E' || (in_exponent && (digit(c) || c == '+' || c == '-'));
      const bool too_many = in_exponent && digit(c) && ++digits > most_digits;
      if (!too_many) out += c;
      continue;
    }
    in_exponent = false;
    if (surrogate(at, high) && surrogate(at + 6, low)) {
      out += text.substr(at, 12);
      at += 11;
    } else if (surrogate(at, high) || surrogate(at, low)) {
      const std::string_view rest = text.substr(at + 4, 2);
      const bool hexadecimal =
          rest.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
      out += hexadecimal ? any_character : text.substr(at, 6);
      at += 5;
    } else if (c == '\\' && at + 1 < text.size()) {
      out += text.substr(at, 2);
      ++at;
    } else {
      out += c;
    }
  }
  return out;
}

// Nothing where it is no JSON.
inline std::optional<bj::value> by_boost(std::string_view text) {
  bj::parse_options options;
  constexpr std::size_t deep = 10'000;
  options.max_depth = deep;
  boost::system::error_code failed;
  bj::value value = bj::parse(tame(text), failed, {}, options);
  if (failed) return std::nullopt;
  return value;
}

// The member of an object; null where it is none, or has none.
inline const bj::value* in(const bj::value& object, std::string_view key) {
  return object.is_object() ? object.get_object().if_contains(key) : nullptr;
}

inline std::string_view text_in(const bj::value& value) {
  return {value.get_string().data(), value.get_string().size()};
}

}  // namespace kinto_mirror::fuzz
