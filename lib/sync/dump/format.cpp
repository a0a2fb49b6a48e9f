#include "sync/dump/format.hpp"

#include "base/json_slice.hpp"
#include "kinto/page.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace kinto_mirror::sync::dump {

namespace {

Error no_line(std::string what) {
  return {Errc::unproven, std::move(what)};
}

std::string number(std::string_view name, std::int64_t value) {
  return "\"" + std::string(name) + "\":" + std::to_string(value);
}

std::string names(const CollectionId& id) {
  return "\"bucket\":" + json::quoted(id.bucket) + ",\"collection\":" + json::quoted(id.collection);
}

// Between two tokens only: a string of JSON holds none.
std::string on_one_line(std::string_view raw) {
  std::string out(raw);
  std::ranges::replace_if(
      out, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return out;
}

std::optional<std::string> text_of(std::string_view object, std::string_view key) {
  const auto value = json::member(object, key);
  return value ? json::to_string(*value) : std::nullopt;
}

// -1 where it is absent.
std::int64_t number_of(std::string_view object, std::string_view key) {
  const auto value = json::member(object, key);
  return value ? json::to_int(*value).value_or(-1) : -1;
}

std::string_view slice_of(std::string_view object, std::string_view key) {
  return json::member(object, key).value_or(std::string_view());
}

}  // namespace

std::string to_line(const Header& header) {
  std::string out = "{" + number("kinto-mirror-dump", header.version) +
                    ",\"master\":" + json::quoted(header.master) + "," +
                    number("date", header.date.ms) + ",\"collections\":[";
  for (const std::string& pattern : header.collections) {
    if (out.back() != '[') out += ',';
    out += json::quoted(pattern);
  }
  return out + "]}";
}

std::string to_line(const ContainerId& id, const Container& container) {
  std::string out = "{\"bucket\":" + json::quoted(id.bucket);
  if (id.kind == ContainerKind::group) out += ",\"group\":" + json::quoted(id.name);
  if (id.kind == ContainerKind::collection) out += ",\"collection\":" + json::quoted(id.name);
  if (container.tombstone) {
    return out + ",\"deleted\":true," + number("last_modified", container.stamp.ms) + "}";
  }
  out += ",\"data\":" + on_one_line(container.data);
  // Who sees any list is in one.
  if (container.lists) out += ",\"permissions\":" + encode(*container.lists);
  return out + "}";
}

std::string begin_line(const CollectionId& id) {
  return "{\"begin\":{" + names(id) + "}}";
}

std::string object_line(bool tombstone, std::string_view raw) {
  return (tombstone ? "{\"tombstone\":" : "{\"record\":") + on_one_line(raw) + "}";
}

std::string to_line(const Section& section) {
  return "{\"done\":{" + names(section.id) + "," + number("etag", section.etag.ms) + "," +
         number("records", section.records) + "," + number("tombstones", section.tombstones) + "," +
         number("lines", section.lines) + "}}";
}

std::string to_line(const Totals& totals) {
  return "{\"end\":{" + number("lines", totals.lines) + "," +
         number("containers", totals.containers) + "," + number("sections", totals.sections) + "," +
         number("records", totals.records) + "," + number("tombstones", totals.tombstones) +
         ",\"sha256\":" + json::quoted(totals.sha256) + "}}";
}

Result<Line> read_line(std::string_view line) {
  constexpr auto kinds = std::to_array<std::pair<std::string_view, LineKind>>({
      {"kinto-mirror-dump", LineKind::header},
      {"bucket", LineKind::container},
      {"begin", LineKind::begin},
      {"record", LineKind::record},
      {"tombstone", LineKind::tombstone},
      {"done", LineKind::done},
      {"end", LineKind::end},
  });
  json::ObjectReader reader(line);
  json::Member first;
  const bool some = reader.next(first);
  const auto* const found =
      std::ranges::find(kinds, first.key, &std::pair<std::string_view, LineKind>::first);
  if (!some || found == kinds.end()) return no_line("a line that no dump has");
  const bool whole = found->second == LineKind::container || found->second == LineKind::header;
  if (!whole) {
    json::Member more;
    if (reader.next(more) || !reader.ok()) return no_line("a line that no dump has");
  }
  return Line{found->second, whole ? line : first.value};
}

bool is_id(std::string_view text) noexcept {
  return !text.empty() && text.find('/') == std::string_view::npos;
}

Error no_id(std::string_view text) {
  return {Errc::unproven, "\"" + std::string(text) + "\" is no id"};
}

Result<Header> read_header(std::string_view line) {
  Header header;
  header.version = number_of(line, "kinto-mirror-dump");
  header.date.ms = number_of(line, "date");
  auto master = text_of(line, "master");
  if (!master || header.date.ms < 0) return no_line("a first line without `master` or `date`");
  header.master = std::move(*master);
  const std::string_view patterns = slice_of(line, "collections");
  json::ArrayReader reader(patterns);
  for (std::string_view one; reader.next(one);) {
    auto pattern = json::to_string(one);
    if (!pattern || std::ranges::count(*pattern, '/') != 1) {
      return no_line("a first line whose `collections` are no patterns");
    }
    header.collections.push_back(std::move(*pattern));
  }
  return header;
}

Result<ContainerLine> read_container(std::string_view line) {
  ContainerLine out;
  bool has_stamp = false;
  json::ObjectReader reader(line);
  for (json::Member member; reader.next(member);) {
    if (member.key == "bucket") {
      out.id.bucket = json::to_string(member.value).value_or("");
    } else if (member.key == "group" || member.key == "collection") {
      out.id.kind = member.key == "group" ? ContainerKind::group : ContainerKind::collection;
      out.id.name = json::to_string(member.value).value_or("");
    } else if (member.key == "deleted") {
      out.deleted = member.value == "true";
    } else if (member.key == "last_modified") {
      const auto stamp = json::to_int(member.value);
      has_stamp = stamp.has_value();
      out.stamp.ms = stamp.value_or(0);
    } else if (member.key == "data") {
      out.data = member.value;
    } else if (member.key == "permissions") {
      out.permissions = member.value;
    }
  }
  const bool named =
      !out.id.bucket.empty() && (out.id.kind == ContainerKind::bucket || !out.id.name.empty());
  if (!reader.ok() || !named || (out.deleted ? !has_stamp : out.data.empty())) {
    return no_line("a container without name, data or stamp");
  }
  if (!is_id(out.id.bucket)) return no_id(out.id.bucket);
  if (out.id.kind != ContainerKind::bucket && !is_id(out.id.name)) return no_id(out.id.name);
  return out;
}

Result<CollectionId> read_begin(std::string_view body) {
  auto bucket = text_of(body, "bucket");
  auto collection = text_of(body, "collection");
  if (!bucket || !collection) return no_line("a section without bucket or collection");
  if (!is_id(*bucket)) return no_id(*bucket);
  if (!is_id(*collection)) return no_id(*collection);
  return CollectionId(std::move(*bucket), std::move(*collection));
}

Result<Section> read_done(std::string_view body) {
  Section section;
  auto id = read_begin(body);
  if (!id) return id.error();
  section.id = std::move(*id);
  section.etag.ms = number_of(body, "etag");
  section.records = number_of(body, "records");
  section.tombstones = number_of(body, "tombstones");
  section.lines = number_of(body, "lines");
  const bool whole =
      section.etag.ms >= 0 && section.records >= 0 && section.tombstones >= 0 && section.lines >= 0;
  if (!whole) return no_line("the end of a section without etag or counts");
  return section;
}

Result<Totals> read_end(std::string_view body) {
  Totals totals;
  totals.lines = number_of(body, "lines");
  totals.containers = number_of(body, "containers");
  totals.sections = number_of(body, "sections");
  totals.records = number_of(body, "records");
  totals.tombstones = number_of(body, "tombstones");
  totals.sha256 = text_of(body, "sha256").value_or("");
  const bool whole = totals.lines >= 0 && totals.containers >= 0 && totals.sections >= 0 &&
                     totals.records >= 0 && totals.tombstones >= 0 && !totals.sha256.empty();
  if (!whole) return no_line("a last line without counts or checksum");
  return totals;
}

Result<ObjectLine> read_object(std::string_view body) {
  json::Cursor cursor(body);
  auto identity = kinto::read_identity(cursor);
  if (!identity) return no_line(identity.error().message);
  if (!cursor.ended()) return no_line("an object with something behind it");
  if (!is_id(identity->id)) return no_id(identity->id);
  ObjectLine out;
  out.id = std::move(identity->id);
  out.stamp = identity->stamp;
  out.marked = !identity->deleted.empty();
  out.tombstone = identity->deleted == "true";
  return out;
}

}  // namespace kinto_mirror::sync::dump
