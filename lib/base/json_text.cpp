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

namespace {

// Half of a surrogate pair, as to_string() gives it; 0 where none begins there.
unsigned half_of_pair(std::string_view text, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  if (at + 2 >= text.size() || byte(0) != 0xED || byte(1) < 0xA0) return 0;
  if (byte(1) > 0xBF || (byte(2) & 0xC0U) != 0x80) return 0;
  return 0xD000U | (byte(1) & 0x3FU) << 6U | (byte(2) & 0x3FU);
}

void append_escape(std::string& out, unsigned code) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) out.push_back(digits[code >> shift & 15U]);
}

}  // namespace

std::string quoted(std::string_view text) {
  const auto plain = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c != '"' && c != '\\' && byte >= 0x20 && byte != 0xED;
  };
  std::string out;
  out.reserve(text.size() + 2);
  out.push_back('"');
  if (std::ranges::all_of(text, plain)) {
    out.append(text).push_back('"');
    return out;
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20) {
      append_escape(out, byte);
    } else if (const unsigned half = half_of_pair(text, at)) {
      append_escape(out, half);
      at += 2;
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
  return out;
}

}  // namespace kinto_mirror::json
