#include "base/json_scan.hpp"

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

namespace kinto_mirror::json {

namespace {

constexpr std::size_t max_depth = 10'000;

bool is_scalar_char(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '+' || c == '.';
}

// The first place, from `at` on, of a quote, a backslash or a control character: eight bytes at a
// time, since most of an answer is text. A byte b of a word has its high bit set in
// (word - 0x01..01 * n) & ~word & 0x80..80 where b < n; bytes above such a one may be marked too,
// but the lowest mark is the first such byte of a little-endian word.
std::size_t plain_end(std::string_view text, std::size_t at) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101;
  const auto below = [](std::uint64_t word, std::uint64_t n) {
    return (word - ones * n) & ~word & (ones * 0x80);
  };
  for (std::uint64_t word = 0; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    const std::uint64_t special =
        below(word, 0x20) | below(word ^ (ones * '"'), 1) | below(word ^ (ones * '\\'), 1);
    if (special == 0) continue;
    if constexpr (std::endian::native != std::endian::little) break;
    return at + static_cast<std::size_t>(std::countr_zero(special)) / 8;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) >= 0x20 && text[at] != '"' &&
         text[at] != '\\') {
    ++at;
  }
  return at;
}

std::size_t skip_scalar(std::string_view text, std::size_t at) noexcept {
  const std::size_t begin = at;
  while (at < text.size() && is_scalar_char(text[at])) ++at;
  const std::string_view word = text.substr(begin, at - begin);
  if (word.empty()) return npos;
  const bool number = word[0] == '-' || (word[0] >= '0' && word[0] <= '9');
  return number || word == "true" || word == "false" || word == "null" ? at : npos;
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
    if (text[at] == '"') return at + 1;
    if (text[at] != '\\') return npos;
    at += 2;
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
