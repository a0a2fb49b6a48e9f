#include "kinto/page.hpp"

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

// `name` is another spelling of one of the members that tell an object apart.
bool hides_identity(std::string_view name) {
  const bool plain = name.find('\\') == std::string_view::npos;
  return !plain &&
         (json::is_other_spelling(name, "id") || json::is_other_spelling(name, "last_modified") ||
          json::is_other_spelling(name, "deleted"));
}

// The object that comes next.
Result<Entry> parse_entry(json::Cursor& cursor) {
  Entry entry;
  const std::size_t begin = cursor.place();
  auto identity = read_identity(cursor);
  if (!identity) return identity.error();
  entry.id = std::move(identity->id);
  entry.stamp = identity->stamp;
  entry.deleted = identity->deleted == "true";
  const bool own_mark = !identity->deleted.empty() && !entry.deleted;
  entry.has_other_members = identity->has_other_members || own_mark;
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

// Reads `{"data": ...}` in one pass; `parse` reads what stands behind "data".
template <class Parse>
Result<Page> parse_body(std::string body, Parse parse) {
  Page page;
  page.body = std::make_unique<const std::string>(std::move(body));
  json::Cursor cursor(*page.body);
  json::ObjectReader reader(cursor);
  bool has_data = false;
  for (std::string_view key; reader.next_key(key);) {
    if (key != "data") {
      if (json::is_other_spelling(key, "data")) return not_kinto("a 'data' spelled by an escape");
      cursor.value();
      continue;
    }
    if (std::exchange(has_data, true)) return not_kinto("a body that has 'data' twice");
    auto entries = parse(cursor);
    if (!entries) return entries.error();
    page.entries = std::move(*entries);
  }
  if (!reader.ok() || !cursor.ended()) return not_kinto("a body that is cut or no JSON");
  if (!has_data) return not_kinto("a JSON body without 'data'");
  return page;
}

}  // namespace

Result<Identity> read_identity(json::Cursor& object) {
  Identity identity;
  bool has_id = false;
  bool has_stamp = false;
  const auto twice = [](std::string_view name) {
    return not_kinto("an object that has its " + std::string(name) + " twice");
  };
  json::ObjectReader reader(object);
  for (json::Member member; reader.next(member);) {
    if (member.key == "id") {
      if (std::exchange(has_id, true)) return twice(member.key);
      auto id = json::to_string(member.value);
      if (!id) return not_kinto("an object whose id is no string");
      identity.id = std::move(*id);
    } else if (member.key == "last_modified") {
      if (std::exchange(has_stamp, true)) return twice(member.key);
      const auto stamp = json::to_int(member.value);
      if (!stamp) return not_kinto("an object whose last_modified is no integer");
      identity.stamp = Stamp{*stamp};
    } else if (member.key == "deleted") {
      if (!identity.deleted.empty()) return twice(member.key);
      identity.deleted = member.value;
    } else {
      if (hides_identity(member.key)) {
        return not_kinto("an object that spells id, last_modified or deleted by an escape");
      }
      identity.has_other_members = true;
    }
  }
  if (!reader.ok()) return not_kinto("a cut or malformed object");
  if (!has_id || !has_stamp) return not_kinto("an object without id or last_modified");
  return identity;
}

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
