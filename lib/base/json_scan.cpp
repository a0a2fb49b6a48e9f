#include "base/json_scan.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <utf8.h>

namespace kinto_mirror::json {

namespace {

constexpr std::size_t max_depth = 10'000;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool is_hex(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_ascii(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x80;
}

// The first place, from `at` on, of a quote, a backslash, a control character or what is not ASCII:
// eight bytes at a time, since most of an answer is text. A byte b of a word has its high bit set
// in (word - 0x01..01 * n) & ~word & 0x80..80 where b < n; bytes above such a one may be marked
// too, but the lowest mark is the first such byte of a little-endian word.
std::size_t plain_end(std::string_view text, std::size_t at) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101;
  const auto below = [](std::uint64_t word, std::uint64_t n) {
    return (word - ones * n) & ~word & (ones * 0x80);
  };
  for (std::uint64_t word = 0; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    const std::uint64_t special = below(word, 0x20) | below(word ^ (ones * '"'), 1) |
                                  below(word ^ (ones * '\\'), 1) | (word & (ones * 0x80));
    if (special == 0) continue;
    if constexpr (std::endian::native != std::endian::little) break;
    return at + static_cast<std::size_t>(std::countr_zero(special)) / 8;
  }
  const auto is_plain = [](char c) { return is_ascii(c) && c >= 0x20 && c != '"' && c != '\\'; };
  while (at < text.size() && is_plain(text[at])) ++at;
  return at;
}

// `at` is a byte that is not ASCII; returns the place behind it and all such that follow, or npos
// where they are not UTF-8.
std::size_t skip_beyond_ascii(std::string_view text, std::size_t at) noexcept {
  const std::size_t begin = at;
  while (at < text.size() && !is_ascii(text[at])) ++at;
  const char* const data = text.data();
  return utf8::is_valid(data + begin, data + at) ? at : npos;
}

// `at` is the backslash; returns the place behind the escape, or npos.
std::size_t skip_escape(std::string_view text, std::size_t at) noexcept {
  constexpr std::string_view single = "\"\\/bfnrt";
  constexpr std::size_t digits = 4;
  if (at + 1 >= text.size()) return npos;
  if (text[at + 1] != 'u') return single.find(text[at + 1]) == npos ? npos : at + 2;
  const std::string_view code = text.substr(at + 2, digits);
  return code.size() == digits && std::ranges::all_of(code, is_hex) ? at + 2 + digits : npos;
}

char at_or_0(std::string_view text, std::size_t at) noexcept {
  return at < text.size() ? text[at] : '\0';
}

// Behind one digit or more; npos where there is none.
std::size_t skip_digits(std::string_view text, std::size_t at) noexcept {
  const std::size_t begin = at;
  while (at < text.size() && is_digit(text[at])) ++at;
  return at > begin ? at : npos;
}

// RFC 8259, 6: no zero leads, and digits stand before and behind the point.
std::size_t skip_number(std::string_view text, std::size_t at) noexcept {
  if (text[at] == '-') ++at;
  at = at_or_0(text, at) == '0' ? at + 1 : skip_digits(text, at);
  if (at_or_0(text, at) == '.') at = skip_digits(text, at + 1);
  const char letter = at_or_0(text, at);
  if (letter != 'e' && letter != 'E') return at;
  const char sign = at_or_0(text, ++at);
  return skip_digits(text, sign == '+' || sign == '-' ? at + 1 : at);
}

// What follows, as the "x" of "truex", is for the caller to refuse. REQUIRES: at < text.size().
std::size_t skip_scalar(std::string_view text, std::size_t at) noexcept {
  const auto skip_word = [&](std::string_view word) {
    return text.substr(at, word.size()) == word ? at + word.size() : npos;
  };
  switch (text[at]) {
    case 't':
      return skip_word("true");
    case 'f':
      return skip_word("false");
    case 'n':
      return skip_word("null");
    default:
      return skip_number(text, at);
  }
}

// A value that is about to begin, the state of the text between two tokens of a container.
enum class Expect { value, value_or_end, key, key_or_end, comma_or_end };

// Skips one value without recursion, so that no answer can exhaust the stack.
class Skipper {
 public:
  explicit Skipper(std::string_view text) : text_(text) {}

  std::size_t skip(std::size_t at) {
    Expect expect = Expect::value;
    do {
      at = step(skip_space(text_, at), expect);
    } while (at != npos && !open_.empty());
    return at;
  }

 private:
  std::size_t step(std::size_t at, Expect& expect) {
    if (at >= text_.size()) return npos;
    const char c = text_[at];
    if (c == '}' || c == ']') return close(at, c, expect);
    switch (expect) {
      case Expect::comma_or_end:
        if (c != ',') return npos;
        expect = open_.back() == '}' ? Expect::key : Expect::value;
        return at + 1;
      case Expect::key:
      case Expect::key_or_end:
        return key(at, expect);
      case Expect::value:
      case Expect::value_or_end:
        return value(at, c, expect);
    }
    return npos;
  }

  std::size_t close(std::size_t at, char c, Expect& expect) {
    const bool may_end = expect == Expect::comma_or_end || expect == Expect::key_or_end ||
                         expect == Expect::value_or_end;
    if (!may_end || open_.empty() || open_.back() != c) return npos;
    open_.pop_back();
    expect = Expect::comma_or_end;
    return at + 1;
  }

  std::size_t key(std::size_t at, Expect& expect) {
    if (text_[at] != '"') return npos;
    at = skip_string(text_, at);
    if (at == npos) return npos;
    at = skip_space(text_, at);
    if (at >= text_.size() || text_[at] != ':') return npos;
    expect = Expect::value;
    return at + 1;
  }

  std::size_t value(std::size_t at, char c, Expect& expect) {
    if (c == '{' || c == '[') {
      if (open_.size() >= max_depth) return npos;
      open_.push_back(c == '{' ? '}' : ']');
      expect = c == '{' ? Expect::key_or_end : Expect::value_or_end;
      return at + 1;
    }
    expect = Expect::comma_or_end;
    return c == '"' ? skip_string(text_, at) : skip_scalar(text_, at);
  }

  std::string_view text_;
  std::string open_;  // the closing brackets that are still owed
};

}  // namespace

// `at` is the opening quote; returns the place behind the closing one, or npos.
std::size_t skip_string(std::string_view text, std::size_t at) noexcept {
  for (at = plain_end(text, at + 1); at < text.size(); at = plain_end(text, at)) {
    const char c = text[at];
    if (c == '"') return at + 1;
    if (is_ascii(c) && c != '\\') return npos;  // a control character
    at = c == '\\' ? skip_escape(text, at) : skip_beyond_ascii(text, at);
    if (at == npos) return npos;
  }
  return npos;
}

std::size_t skip_value(std::string_view text, std::size_t at) {
  at = skip_space(text, at);
  if (at >= text.size()) return npos;
  switch (text[at]) {
    case '"':
      return skip_string(text, at);
    case '{':
    case '[':
      return Skipper(text).skip(at);
    default:
      return skip_scalar(text, at);
  }
}

}  // namespace kinto_mirror::json
