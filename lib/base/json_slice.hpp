#pragma once
// Reads JSON by cutting it: every value is a view of the original bytes, so that what is forwarded
// is what was received. A parser into values would alter data: Boost.JSON 1.81 is inexact for one
// double in ten, and integers beyond 64 bits become doubles. (Kinto keeps both.)
//
// The cut is strict about structure (brackets, quotes, escapes, commas) and lenient about the
// inside of numbers: what a replica refuses, it refuses by itself.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kinto_mirror::json {

// The value that `text` holds, without the white space around it; nothing when `text` is not
// exactly one well-formed value, or is nested deeper than 10,000 levels.
std::optional<std::string_view> whole_value(std::string_view text);

struct Member {
  std::string_view key;    // between the quotes, escapes left alone
  std::string_view value;  // without white space around it
};

// What reading an object and reading an array have in common.
class ContainerReader {
 public:
  // After the last item: whether the text was a well-formed container.
  [[nodiscard]] bool ok() const noexcept { return state_ == State::ended; }

 protected:
  ContainerReader(std::string_view text, char open, char close);
  // Moves to the next item, behind the comma. False at the end, or when the text is malformed.
  bool next_item();
  bool read_key(std::string_view& key);
  bool read_value(std::string_view& value);

 private:
  enum class State { first, more, ended, broken };
  bool fail();
  std::string_view text_;
  std::size_t at_ = 0;
  char close_;
  State state_ = State::first;
};

// Reads the members of an object one by one:
//   ObjectReader reader(text); Member member;
//   while (reader.next(member)) ...
//   if (!reader.ok()) ...        // `text` was no well-formed object
// The views live as long as the text.
class ObjectReader : public ContainerReader {
 public:
  explicit ObjectReader(std::string_view text) : ContainerReader(text, '{', '}') {}
  bool next(Member& member) {
    return next_item() && read_key(member.key) && read_value(member.value);
  }
};

// The same for the elements of an array.
class ArrayReader : public ContainerReader {
 public:
  explicit ArrayReader(std::string_view text) : ContainerReader(text, '[', ']') {}
  bool next(std::string_view& element) { return next_item() && read_value(element); }
};

// The value of the first member `key`; nothing when it is absent or `object` is no object.
std::optional<std::string_view> member(std::string_view object, std::string_view key);

// The integer that `value` spells; nothing for anything else (also for 1.0 and 1e3).
std::optional<std::int64_t> to_int(std::string_view value) noexcept;

// The text that the JSON string `value` stands for, in UTF-8; nothing when it is no string.
std::optional<std::string> to_string(std::string_view value);

// `text` as a JSON string, with its quotes.
std::string quoted(std::string_view text);

}  // namespace kinto_mirror::json
