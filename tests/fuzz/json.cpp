// Cutting JSON: what is taken must be what RFC 8259 has, and all of that must be taken.

#include "base/json_equal.hpp"
#include "base/json_slice.hpp"
#include "base/json_text.hpp"
#include "base/utf8.hpp"
#include "fuzz.hpp"
#include "oracle.hpp"

namespace kinto_mirror::fuzz {

namespace {

// A text that is no valid UTF-8 stands for half of a pair, which Boost.JSON has otherwise.
void compare_text(std::string_view ours, std::string_view theirs) {
  if (to_valid_utf8(ours) == ours) hold(ours == theirs, "a string has another text");
}

// Reads `text` member by member and element by element, and all that is in them.
void walk(std::string_view text, const bj::value& value) {
  if (const bj::array* list = value.if_array()) {
    json::ArrayReader reader(text);
    std::size_t count = 0;
    for (std::string_view element; reader.next(element); ++count) {
      hold(count < list->size(), "an array has more elements");
      walk(element, (*list)[count]);
    }
    hold(reader.ok() && count == list->size(), "an array is not read whole");
  } else if (value.is_object()) {
    json::ObjectReader reader(text);
    for (json::Member member; reader.next(member);) {
      const auto key = json::to_string("\"" + std::string(member.key) + "\"");
      hold(key.has_value(), "a key is no string");
      if (to_valid_utf8(*key) == *key) hold(in(value, *key) != nullptr, "a key is another one");
    }
    hold(reader.ok(), "an object is not read whole");
  } else if (value.is_string()) {
    const auto ours = json::to_string(text);
    hold(ours.has_value(), "a string cannot be read");
    const std::string written = json::quoted(*ours);
    const auto again = json::whole_value(written);
    hold(again && json::to_string(*again) == ours, "a string is another one when written again");
    compare_text(*ours, text_in(value));
  } else if (const auto number = json::to_int(text)) {
    hold(value.is_int64() && value.get_int64() == *number, "an integer is another one");
  } else {
    hold(!value.is_int64(), "an integer cannot be read");
  }
}

void quote(std::string_view text) {
  const std::string quoted = json::quoted(text);
  if (to_valid_utf8(text) != text) return;
  hold(json::to_string(quoted) == text, "a text is another one once it was quoted");
  const auto value = by_boost(quoted);
  hold(value && value->is_string() && text_in(*value) == text, "a quoted text is no JSON");
  hold(json::whole_value(quoted) == quoted, "a quoted text is refused");
}

}  // namespace

}  // namespace kinto_mirror::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace fuzz = kinto_mirror::fuzz;
  namespace json = kinto_mirror::json;
  const std::string_view text = fuzz::text_of(data, size);
  const auto ours = json::whole_value(text);
  const auto theirs = fuzz::by_boost(text);
  fuzz::hold(!ours || theirs, "what is no JSON is taken");
  fuzz::hold(ours || !theirs, "JSON is refused");
  if (ours) fuzz::walk(*ours, *theirs);
  if (ours) fuzz::hold(json::whole_value(*ours) == *ours, "a slice is no value by itself");
  fuzz::quote(text);
  const std::string valid = kinto_mirror::to_valid_utf8(text);
  fuzz::hold(kinto_mirror::to_valid_utf8(valid) == valid, "what was made valid is not");
  (void)json::same_object(text, text, "id");
  return 0;
}
