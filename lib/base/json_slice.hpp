#pragma once
// Reads JSON by cutting it: every value is a view of the original bytes, so that what is forwarded
// is what was received. A parser into values would alter data: Boost.JSON 1.81 is inexact for one
// double in ten, and integers beyond 64 bits become doubles. (Kinto keeps both.)
//
// The cut is as strict as RFC 8259: about structure, escapes, numbers (no leading zeros) and UTF-8,
// so that no two readers see different things in what it takes. What the RFC leaves open is open
// here: numbers of any size, escapes of half a surrogate pair, members that stand there twice.

#include "base/json_text.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace kinto_mirror::json {

// The value that `text` holds, without the white space around it; nothing when `text` is not
// exactly one well-formed value, or is nested deeper than 10,000 levels.
std::optional<std::string_view> whole_value(std::string_view text);

// Goes through a text from front to back, so that each byte is looked at once. What is malformed
// breaks it for good: nothing more is read, and ended() stays false.
class Cursor {
 public:
  explicit Cursor(std::string_view text) noexcept : text_(text) {}
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  // The first byte of what comes next, behind white space; 0 at the end.
  [[nodiscard]] char peek() noexcept;

  // Where that byte is, and the bytes from there to where the cursor is now.
  [[nodiscard]] std::size_t place() noexcept;
  [[nodiscard]] std::string_view since(std::size_t place) const noexcept;

  // Steps over one value and returns its bytes; empty where it is malformed.
  std::string_view value();

  // Nothing but white space is left, and nothing was malformed.
  [[nodiscard]] bool ended() noexcept { return place() == text_.size() && !broken_; }

 private:
  friend class ContainerReader;
  bool take(char c) noexcept;
  bool fail() noexcept;

  std::string_view text_;
  std::size_t at_ = 0;
  bool broken_ = false;
};

struct Member {
  std::string_view key;    // between the quotes, escapes left alone
  std::string_view value;  // without white space around it
};

// What reading an object and reading an array have in common.
class ContainerReader {
 public:
  ContainerReader(const ContainerReader&) = delete;
  ContainerReader& operator=(const ContainerReader&) = delete;

  // After the last item: whether this was a well-formed container.
  [[nodiscard]] bool ok() const noexcept { return state_ == State::ended && !cursor_.broken_; }

 protected:
  ContainerReader(std::string_view text, char open, char close)
      : own_(text), cursor_(own_), close_(close) {
    begin(open);
  }
  ContainerReader(Cursor& cursor, char open, char close)
      : own_({}), cursor_(cursor), close_(close) {
    begin(open);
  }
  // Moves to the next item, behind the comma. False at the end, or when the text is malformed.
  bool next_item();
  bool read_key(std::string_view& key);
  bool read_value(std::string_view& value);

 private:
  enum class State { first, more, ended };
  void begin(char open) noexcept;

  Cursor own_;  // where the text is not part of a larger one
  Cursor& cursor_;
  char close_;
  State state_ = State::first;
};

// Reads the members of an object one by one:
//   ObjectReader reader(text); Member member;
//   while (reader.next(member)) ...
//   if (!reader.ok()) ...        // `text` was no well-formed object
// The views live as long as the text.
//
// With a Cursor it reads the object that comes next there and leaves the cursor behind it. Then
// members may also be read where they stand: after each next_key() the caller reads exactly one
// value from the cursor, by value() or by another reader.
class ObjectReader : public ContainerReader {
 public:
  explicit ObjectReader(std::string_view text) : ContainerReader(text, '{', '}') {}
  explicit ObjectReader(Cursor& cursor) : ContainerReader(cursor, '{', '}') {}
  bool next(Member& member) { return next_key(member.key) && read_value(member.value); }
  bool next_key(std::string_view& key) { return next_item() && read_key(key); }
};

// The same for the elements of an array; after each next_element() the caller reads one.
class ArrayReader : public ContainerReader {
 public:
  explicit ArrayReader(std::string_view text) : ContainerReader(text, '[', ']') {}
  explicit ArrayReader(Cursor& cursor) : ContainerReader(cursor, '[', ']') {}
  bool next(std::string_view& element) { return next_element() && read_value(element); }
  bool next_element() { return next_item(); }
};

// Calls `read(key)` for each member of the object that comes next; `read` reads the value from the
// cursor. A value that is no object is stepped over.
template <class Read>
void each_member(Cursor& cursor, Read read) {
  if (cursor.peek() != '{') {
    cursor.value();
    return;
  }
  ObjectReader reader(cursor);
  for (std::string_view key; reader.next_key(key);) read(key);
}

// The value of the first member `key`; nothing when it is absent or `object` is no object.
std::optional<std::string_view> member(std::string_view object, std::string_view key);

// Whether `key` (a Member's) says `name` in other letters, by escapes: "\u0069d" says "id".
bool is_other_spelling(std::string_view key, std::string_view name);

// The integer that `value` spells; nothing for anything else (also for 1.0 and 1e3).
std::optional<std::int64_t> to_int(std::string_view value) noexcept;

// The same where an int holds it; 0 for anything else, for what is never 0.
int to_small_int(std::string_view value) noexcept;

}  // namespace kinto_mirror::json
