#include "kinto/page.hpp"

#include "base/json_slice.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::kinto {

namespace {

Error not_kinto(std::string what) {
  return {Errc::not_kinto, std::move(what)};
}

// "-gzip", ";gzip", "--gzip", "-br": what whoever compresses a body appends to its ETag.
bool names_coding(std::string_view suffix) noexcept {
  const std::size_t begin = suffix.find_first_not_of("-;:+_");
  if (begin == 0 || begin > 2 || begin == std::string_view::npos) return false;
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return std::ranges::all_of(suffix.substr(begin), is_letter);
}

std::string_view without_spaces(std::string_view text) noexcept {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

// The object that comes next.
Result<Entry> parse_entry(json::Cursor& cursor) {
  Entry entry;
  bool has_id = false;
  bool has_stamp = false;
  const std::size_t begin = cursor.place();
  json::ObjectReader reader(cursor);
  for (json::Member member; reader.next(member);) {
    if (member.key == "id") {
      auto id = json::to_string(member.value);
      if (!id) return not_kinto("an object whose id is no string");
      entry.id = std::move(*id);
      has_id = true;
    } else if (member.key == "last_modified") {
      const auto stamp = json::to_int(member.value);
      if (!stamp) return not_kinto("an object whose last_modified is no integer");
      entry.stamp = Stamp{*stamp};
      has_stamp = true;
    } else if (member.key == "deleted") {
      entry.deleted = member.value == "true";
      entry.has_other_members = entry.has_other_members || !entry.deleted;
    } else {
      entry.has_other_members = true;
    }
  }
  if (!reader.ok()) return not_kinto("a cut or malformed object");
  if (!has_id || !has_stamp) return not_kinto("an object without id or last_modified");
  entry.raw = cursor.since(begin);
  return entry;
}

Result<std::vector<Entry>> parse_entries(json::Cursor& cursor) {
  std::vector<Entry> entries;
  json::ArrayReader reader(cursor);
  while (reader.next_element()) {
    auto entry = parse_entry(cursor);
    if (!entry) return entry.error();
    entries.push_back(std::move(*entry));
  }
  if (!reader.ok()) return not_kinto("a 'data' that is no list, or is cut");
  return entries;
}

Result<std::vector<Entry>> parse_single(json::Cursor& cursor) {
  auto entry = parse_entry(cursor);
  if (!entry) return entry.error();
  std::vector<Entry> entries;
  entries.push_back(std::move(*entry));
  return entries;
}

// Reads `{"data": ...}` in one pass; `parse` reads what stands behind the first "data".
template <class Parse>
Result<Page> parse_body(std::string body, Parse parse) {
  Page page;
  page.body = std::make_unique<const std::string>(std::move(body));
  json::Cursor cursor(*page.body);
  json::ObjectReader reader(cursor);
  bool has_data = false;
  for (std::string_view key; reader.next_key(key);) {
    if (key != "data" || std::exchange(has_data, true)) {
      cursor.value();
      continue;
    }
    auto entries = parse(cursor);
    if (!entries) return entries.error();
    page.entries = std::move(*entries);
  }
  if (!reader.ok() || !cursor.ended()) return not_kinto("a body that is cut or no JSON");
  if (!has_data) return not_kinto("a JSON body without 'data'");
  return page;
}

}  // namespace

Result<Page> parse_page(std::string body) {
  return parse_body(std::move(body), parse_entries);
}

Result<Page> parse_object(std::string body) {
  return parse_body(std::move(body), parse_single);
}

std::string with_stamp(std::string_view record, Stamp stamp) {
  const auto old = json::member(record, "last_modified");
  if (!old) return std::string(record);
  const auto begin = static_cast<std::size_t>(old->data() - record.data());
  std::string out(record.substr(0, begin));
  out += std::to_string(stamp.ms);
  out += record.substr(begin + old->size());
  return out;
}

std::optional<Stamp> parse_etag(std::string_view header) {
  std::string_view tag = without_spaces(header);
  if (tag.starts_with("W/") || tag.starts_with("w/")) tag.remove_prefix(2);
  if (tag.size() < 3 || tag.front() != '"' || tag.back() != '"') return std::nullopt;
  tag = tag.substr(1, tag.size() - 2);
  const std::size_t end = tag.find_first_not_of("0123456789", tag.front() == '-' ? 1 : 0);
  if (end != std::string_view::npos && !names_coding(tag.substr(end))) return std::nullopt;
  const auto ms = json::to_int(tag.substr(0, end));
  if (!ms) return std::nullopt;
  return Stamp{*ms};
}

std::optional<std::string> token_of(std::string_view next_page) {
  const std::size_t query = next_page.find('?');
  if (query == std::string_view::npos) return std::nullopt;
  std::string_view rest = next_page.substr(query + 1);
  constexpr std::string_view name = "_token=";
  while (!rest.empty()) {
    const std::size_t end = rest.find('&');
    const std::string_view parameter = rest.substr(0, end);
    if (parameter.starts_with(name) && parameter.size() > name.size()) {
      return std::string(parameter.substr(name.size()));
    }
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return std::nullopt;
}

}  // namespace kinto_mirror::kinto
