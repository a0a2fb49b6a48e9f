#include "daemon/toml_fault.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace kinto_mirror::daemon {

namespace {

struct Fault {
  std::string_view sign;  // what the library's own words hold
  std::string_view text;  // what is wrong, and the mend
};

// The first one whose sign is found. The library's words are its parser's, and may quote the line.
constexpr auto faults = std::to_array<Fault>({
    {"utf-8", "it is not written in UTF-8; save it as UTF-8"},
    {"table header",
     "a table header is written wrong; write it alone on its line, as [sync], and as [[replica]], "
     "with two brackets, for each replica"},
    {"a comment or whitespace",
     "something stands behind a value; write one key = \"value\" a line, and # before a comment"},
    {"expected '='",
     "no = stands behind the key; write key = \"value\", and a key with other characters than "
     "letters, digits, '_' and '-' between quotes"},
    {"expected value", "no value stands behind the =; write key = \"value\""},
    {"array",
     "a list is not closed, or lacks a comma; write it as collections = [\"a/b\", \"c/*\"]"},
    {"string",
     "a string is not closed on its line, or holds a backslash or a control character that cannot "
     "stand in it; write key = \"value\", and \\\\ for a backslash"},
    {"root table",
     "this is no table, no key and no comment; write [sync], key = \"value\" or # text"},
    {"key", "no key can be read; write key = \"value\""},
    // Of numbers, dates and the like too: none of the settings needs any.
    {"", "the value cannot be read; write it between double quotes, as interval = \"5s\""},
});

// The key between quotes with which a line begins, or nothing.
std::string_view quoted_key(std::string_view line) {
  if (!line.starts_with('"') && !line.starts_with('\'')) return {};
  const std::size_t end = line.find(line.front(), 1);
  return end == std::string_view::npos ? std::string_view() : line.substr(0, end + 1);
}

struct Place {
  std::string_view line;    // without blanks before it
  std::string_view header;  // of the table: "[sync.principals]"; empty: none
};

Place place_of(std::string_view content, std::size_t number) {
  Place place;
  for (; number > 0; --number) {
    const std::size_t end = content.find('\n');
    place.line = content.substr(0, end);
    while (place.line.starts_with(' ') || place.line.starts_with('\t')) place.line.remove_prefix(1);
    if (place.line.starts_with('[')) place.header = place.line.substr(0, place.line.find(']') + 1);
    if (end == std::string_view::npos) break;
    content.remove_prefix(end + 1);
  }
  return place;
}

// What stands there twice is named between the last two quotes. The library garbles names that are
// written between quotes themselves, so these come from the file: a user's own keys, principals.
std::string twice(std::string_view description, const Place& place) {
  if (const std::string_view key = quoted_key(place.line); !key.empty()) {
    const std::string in = place.header.empty() ? "" : " in " + std::string(place.header);
    return std::string(key) + " is given twice" + in + "; keep one of the two";
  }
  const std::size_t end = description.rfind('\'');
  const std::size_t begin = end == 0 || end == std::string_view::npos
                                ? std::string_view::npos
                                : description.rfind('\'', end - 1);
  std::string_view name("the same key or table");
  if (begin != std::string_view::npos) name = description.substr(begin + 1, end - begin - 1);
  if (name.empty() || name.find_first_of("\"'") != std::string_view::npos) name = "the same key";
  if (name == "replica") {
    return "replica is given as two kinds; write [[replica]], with two brackets, for each";
  }
  return std::string(name) + " is given twice; keep one of the two";
}

}  // namespace

std::string toml_fault(std::string_view description, std::string_view content, std::size_t number) {
  if (description.find("redefine") != std::string_view::npos) {
    return twice(description, place_of(content, number));
  }
  std::string lower(description);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto fault = std::ranges::find_if(
      faults, [&lower](const Fault& one) { return lower.find(one.sign) != std::string::npos; });
  return std::string(fault->text);
}

}  // namespace kinto_mirror::daemon
