// Pages and single objects: whatever is taken must be JSON, with the same ids, stamps and
// tombstones for whoever reads it as JSON is read; and what is refused must be no page.

#include "kinto/page.hpp"

#include "base/json_equal.hpp"
#include "base/utf8.hpp"
#include "fuzz.hpp"
#include "oracle.hpp"

#include <algorithm>
#include <array>

namespace kinto_mirror::fuzz {

namespace {

using kinto::Entry;
using kinto::Page;

bool is_object_of_kinto(const bj::value& value) {
  const bj::value* const id = in(value, "id");
  const bj::value* const stamp = in(value, "last_modified");
  return id != nullptr && id->is_string() && stamp != nullptr && stamp->is_int64();
}

void compare(const Entry& entry, const bj::value& value) {
  hold(is_object_of_kinto(value), "an object without id or stamp is taken");
  if (to_valid_utf8(entry.id) == entry.id) {
    hold(text_in(*in(value, "id")) == entry.id, "an id is another one");
  }
  hold(in(value, "last_modified")->get_int64() == entry.stamp.ms, "a stamp is another one");
  const bj::value* const mark = in(value, "deleted");
  const bool marked = mark != nullptr && mark->is_bool() && mark->get_bool();
  hold(marked == entry.deleted, "a tombstone is a record, or the other way round");
  const std::size_t own = marked ? 3 : 2;
  hold((value.get_object().size() > own) == entry.has_other_members, "other members are missed");
}

// The bytes of an object with another stamp.
void stamp_anew(const Entry& entry) {
  constexpr Stamp other{1'795'492'095'931};
  const std::string written = kinto::with_stamp(entry.raw, other);
  const auto again = kinto::parse_object("{\"data\":" + written + "}");
  hold(again.has_value(), "an object with another stamp is none");
  const Entry& one = again->entries.front();
  hold(one.stamp == other && one.id == entry.id && one.deleted == entry.deleted,
       "another stamp changes an object");
  if (!json::same_object(entry.raw, entry.raw, "")) return;  // only Boost.JSON's own bounds
  hold(json::same_object(entry.raw, written, "last_modified"), "another stamp changes a member");
}

// Of a member that stands there twice Boost.JSON takes the last one, and we may have met another.
bool is_ambiguous(std::string_view text, std::string_view message) {
  constexpr auto words = std::to_array<std::string_view>(
      {"twice", "by an escape", "id is no string", "last_modified is no integer"});
  return holds_twice(text, "\"data\"") || std::ranges::any_of(words, [&](std::string_view word) {
           return message.find(word) != std::string_view::npos;
         });
}

void judge(std::string_view text, const Result<Page>& page, const std::optional<bj::value>& whole,
           bool single) {
  const bj::value* const data = whole ? in(*whole, "data") : nullptr;
  const bool right_kind = data != nullptr && (single ? data->is_object() : data->is_array());
  if (!page) {
    const bool all =
        right_kind && (single ? is_object_of_kinto(*data)
                              : std::ranges::all_of(data->get_array(), is_object_of_kinto));
    hold(!all || is_ambiguous(text, page.error().message), "a page is refused");
    return;
  }
  hold(right_kind, "what is no page is taken");
  hold(page->entries.size() == (single ? 1 : data->get_array().size()), "objects are missed");
  for (std::size_t i = 0; i < page->entries.size(); ++i) {
    compare(page->entries[i], single ? *data : data->get_array()[i]);
    stamp_anew(page->entries[i]);
  }
}

}  // namespace

}  // namespace kinto_mirror::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace fuzz = kinto_mirror::fuzz;
  namespace kinto = kinto_mirror::kinto;
  const std::string text(fuzz::text_of(data, size));
  const auto whole = fuzz::by_boost(text);
  fuzz::judge(text, kinto::parse_page(text), whole, false);
  fuzz::judge(text, kinto::parse_object(text), whole, true);
  return 0;
}
