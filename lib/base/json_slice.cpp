#include "base/json_slice.hpp"

#include "base/json_scan.hpp"

#include <charconv>
#include <string>
#include <utility>

namespace kinto_mirror::json {

std::optional<std::string_view> whole_value(std::string_view text) {
  Cursor cursor(text);
  const std::string_view value = cursor.value();
  if (!cursor.ended()) return std::nullopt;
  return value;
}

char Cursor::peek() noexcept {
  return place() < text_.size() ? text_[at_] : '\0';
}

std::size_t Cursor::place() noexcept {
  at_ = skip_space(text_, at_);
  return at_;
}

std::string_view Cursor::since(std::size_t place) const noexcept {
  return text_.substr(place, at_ - place);
}

std::string_view Cursor::value() {
  const std::size_t begin = place();
  const std::size_t end = broken_ ? npos : skip_value(text_, begin);
  if (end == npos) {
    fail();
    return {};
  }
  at_ = end;
  return since(begin);
}

bool Cursor::take(char c) noexcept {
  if (broken_ || peek() != c) return false;
  ++at_;
  return true;
}

bool Cursor::fail() noexcept {
  broken_ = true;
  return false;
}

void ContainerReader::begin(char open) noexcept {
  if (!cursor_.take(open)) cursor_.fail();
}

bool ContainerReader::next_item() {
  if (cursor_.broken_ || state_ == State::ended) return false;
  if (cursor_.take(close_)) {
    state_ = State::ended;
    return false;
  }
  if (state_ == State::more && !cursor_.take(',')) return cursor_.fail();
  state_ = State::more;
  return true;
}

bool ContainerReader::read_key(std::string_view& key) {
  const std::size_t begin = cursor_.place();
  if (cursor_.peek() != '"') return cursor_.fail();
  const std::size_t end = skip_string(cursor_.text_, begin);
  if (end == npos) return cursor_.fail();
  key = cursor_.text_.substr(begin + 1, end - begin - 2);
  cursor_.at_ = end;
  return cursor_.take(':') || cursor_.fail();
}

bool ContainerReader::read_value(std::string_view& value) {
  value = cursor_.value();
  return !cursor_.broken_;
}

std::optional<std::string_view> member(std::string_view object, std::string_view key) {
  ObjectReader reader(object);
  for (Member found; reader.next(found);) {
    if (found.key == key) return found.value;
  }
  return std::nullopt;
}

bool is_other_spelling(std::string_view key, std::string_view name) {
  if (key.find('\\') == npos) return false;
  return to_string("\"" + std::string(key) + "\"") == name;
}

std::optional<std::int64_t> to_int(std::string_view value) noexcept {
  std::int64_t number = 0;
  const char* end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, number);
  if (value.empty() || error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

int to_small_int(std::string_view value) noexcept {
  const std::int64_t number = to_int(value).value_or(0);
  return std::in_range<int>(number) ? static_cast<int>(number) : 0;
}

}  // namespace kinto_mirror::json
