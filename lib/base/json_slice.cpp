#include "base/json_slice.hpp"

#include <charconv>

namespace kinto_mirror::json {

namespace {

constexpr std::size_t npos = std::string_view::npos;
constexpr std::size_t max_depth = 10'000;

bool is_space(char c) noexcept {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

bool is_scalar_char(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '+' || c == '.';
}

std::size_t skip_space(std::string_view text, std::size_t at) noexcept {
  while (at < text.size() && is_space(text[at])) ++at;
  return at;
}

// `at` is the opening quote; returns the place behind the closing one, or npos.
std::size_t skip_string(std::string_view text, std::size_t at) noexcept {
  for (++at; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') return at + 1;
    if (static_cast<unsigned char>(c) < 0x20) return npos;
    if (c == '\\') ++at;
  }
  return npos;
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

void append_utf8(std::string& out, unsigned code) {
  const auto put = [&out](unsigned byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

std::optional<unsigned> hex4(std::string_view text, std::size_t at) {
  if (at + 4 > text.size()) return std::nullopt;
  unsigned code = 0;
  const char* end = text.data() + at + 4;
  const auto [stop, error] = std::from_chars(text.data() + at, end, code, 16);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return code;
}

// `at` is behind "\u"; appends the character and returns the place of its last digit, or npos.
std::size_t unescape_unicode(std::string_view text, std::size_t at, std::string& out) {
  const auto high = hex4(text, at);
  if (!high) return npos;
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

std::optional<std::string_view> whole_value(std::string_view text) {
  const std::size_t begin = skip_space(text, 0);
  const std::size_t end = Skipper(text).skip(begin);
  if (end == npos || skip_space(text, end) != text.size()) return std::nullopt;
  return text.substr(begin, end - begin);
}

ContainerReader::ContainerReader(std::string_view text, char open, char close)
    : text_(text), close_(close) {
  at_ = skip_space(text_, 0);
  if (at_ >= text_.size() || text_[at_] != open) state_ = State::broken;
  ++at_;
}

bool ContainerReader::fail() {
  state_ = State::broken;
  return false;
}

bool ContainerReader::next_item() {
  if (state_ == State::broken || state_ == State::ended) return false;
  at_ = skip_space(text_, at_);
  if (at_ >= text_.size()) return fail();
  if (text_[at_] == close_) {
    state_ = State::ended;
    return false;
  }
  if (state_ == State::more) {
    if (text_[at_] != ',') return fail();
    at_ = skip_space(text_, at_ + 1);
  }
  return true;
}

bool ContainerReader::read_key(std::string_view& key) {
  if (at_ >= text_.size() || text_[at_] != '"') return fail();
  const std::size_t end = skip_string(text_, at_);
  if (end == npos) return fail();
  key = text_.substr(at_ + 1, end - at_ - 2);
  at_ = skip_space(text_, end);
  if (at_ >= text_.size() || text_[at_] != ':') return fail();
  at_ = skip_space(text_, at_ + 1);
  return true;
}

bool ContainerReader::read_value(std::string_view& value) {
  const std::size_t end = Skipper(text_).skip(at_);
  if (end == npos) return fail();
  value = text_.substr(at_, end - at_);
  at_ = end;
  state_ = State::more;
  return true;
}

std::optional<std::string_view> member(std::string_view object, std::string_view key) {
  ObjectReader reader(object);
  for (Member found; reader.next(found);) {
    if (found.key == key) return found.value;
  }
  return std::nullopt;
}

std::optional<std::int64_t> to_int(std::string_view value) noexcept {
  std::int64_t number = 0;
  const char* end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, number);
  if (value.empty() || error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

std::optional<std::string> to_string(std::string_view value) {
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') return std::nullopt;
  const std::string_view text = value.substr(1, value.size() - 2);
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
        if (at == npos) return std::nullopt;
        break;
      default:
        out.push_back(text[at]);
    }
  }
  return out;
}

std::string quoted(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
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
