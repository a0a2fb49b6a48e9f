#include "base/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utf8.h>

namespace kinto_mirror::json {

namespace {

constexpr std::size_t nowhere = std::string_view::npos;

// Half of a surrogate pair as well, which is no character, but may stand in JSON.
void append_utf8(std::string& out, unsigned code) {
  utf8::unchecked::append(code, std::back_inserter(out));
}

std::optional<unsigned> hex4(std::string_view text, std::size_t at) {
  if (at + 4 > text.size()) return std::nullopt;
  unsigned code = 0;
  const char* end = text.data() + at + 4;
  const auto [stop, error] = std::from_chars(text.data() + at, end, code, 16);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return code;
}

// `at` is behind "\u"; appends the character and returns the place of its last digit, or nowhere.
std::size_t unescape_unicode(std::string_view text, std::size_t at, std::string& out) {
  const auto high = hex4(text, at);
  if (!high) return nowhere;
  if (*high >= 0xD800 && *high < 0xDC00 && text.substr(at + 4, 2) == "\\u") {
    const auto low = hex4(text, at + 6);
    if (low && *low >= 0xDC00 && *low < 0xE000) {
      append_utf8(out, 0x10000 + ((*high - 0xD800) << 10) + (*low - 0xDC00));
      return at + 9;
    }
  }
  append_utf8(out, *high);
  return at + 3;
}

}  // namespace

std::optional<std::string> to_string(std::string_view value) {
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') return std::nullopt;
  const std::string_view text = value.substr(1, value.size() - 2);
  if (text.find('\\') == nowhere) return std::string(text);
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\') {
      out.push_back(text[at]);
      continue;
    }
    if (++at >= text.size()) return std::nullopt;
    switch (text[at]) {
      case 'b':
        out.push_back('\b');
        break;
      case 'f':
        out.push_back('\f');
        break;
      case 'n':
        out.push_back('\n');
        break;
      case 'r':
        out.push_back('\r');
        break;
      case 't':
        out.push_back('\t');
        break;
      case 'u':
        at = unescape_unicode(text, at + 1, out);
        if (at == nowhere) return std::nullopt;
        break;
      default:
        out.push_back(text[at]);
    }
  }
  return out;
}

std::string quoted(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto plain = [](char c) {
    return c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20;
  };
  std::string out;
  out.reserve(text.size() + 2);
  out.push_back('"');
  if (std::ranges::all_of(text, plain)) {
    out.append(text).push_back('"');
    return out;
  }
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20) {
      out += "\\u00";
      out.push_back(digits[byte >> 4]);
      out.push_back(digits[byte & 15]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
  return out;
}

}  // namespace kinto_mirror::json
