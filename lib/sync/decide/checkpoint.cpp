#include "sync/decide/checkpoint.hpp"

#include "base/json_slice.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace kinto_mirror::sync {

namespace {

// FNV-1a: stable across builds and machines, which std::hash is not.
std::uint64_t fnv1a(std::string_view text) noexcept {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1099511628211ULL;
  }
  return hash;
}

std::string hex(std::uint64_t value) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out(16, '0');
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = digits[(value >> (60 - 4 * i)) & 15];
  return out;
}

bool fit_for_id(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

// Nothing where it would be empty.
std::string list_of(std::string_view name, const std::vector<std::string>& ids) {
  if (ids.empty()) return "";
  std::string out = ",\"" + std::string(name) + "\":";
  char before = '[';
  for (const std::string& id : ids) out += std::exchange(before, ',') + json::quoted(id);
  return out + "]";
}

// What cannot be read is passed over: it names, and decides nothing.
std::vector<std::string> ids_of(std::string_view list) {
  std::vector<std::string> ids;
  json::ArrayReader reader(list);
  for (std::string_view element; reader.next(element);) {
    const auto id = json::to_string(element);
    if (id && ids.size() < Checkpoint::max_refused) ids.push_back(*id);
  }
  return ids;
}

}  // namespace

std::string checkpoint_id(std::string_view master, const CollectionId& collection) {
  const std::string identity = std::string(master) + "\n" + collection.str();
  // Kinto's ids begin with a letter or digit; names of buckets and collections do, too.
  constexpr std::size_t readable = 40;
  std::string name = (collection.bucket + "--" + collection.collection).substr(0, readable);
  // The names of a server may hold more, a line end for one (hazard 40).
  std::ranges::replace_if(
      name, [](char c) { return !fit_for_id(c); }, '-');
  return name + "--" + hex(fnv1a(identity));
}

std::string encode(const Checkpoint& checkpoint) {
  const auto number = [](std::string_view name, std::int64_t value) {
    return ",\"" + std::string(name) + "\":" + std::to_string(value);
  };
  const auto sign = [](std::string_view name, bool value) {
    return value ? ",\"" + std::string(name) + "\":true" : std::string();
  };
  return "{\"schema\":" + std::to_string(Checkpoint::schema) +
         ",\"master\":" + json::quoted(checkpoint.master) +
         ",\"bucket\":" + json::quoted(checkpoint.collection.bucket) +
         ",\"collection\":" + json::quoted(checkpoint.collection.collection) +
         number("cursor", checkpoint.cursor.ms) + number("etag", checkpoint.etag.ms) +
         number("live", checkpoint.live) + number("audited", checkpoint.audited.ms) +
         number("quarantined", checkpoint.quarantined) + sign("braked", checkpoint.braked) +
         sign("withdrawn", checkpoint.withdrawn) + sign("untold", checkpoint.untold) +
         list_of("refused", checkpoint.refused) + "}";
}

Result<Checkpoint> decode(std::string_view object) {
  Checkpoint checkpoint;
  std::int64_t schema = 0;
  // What is absent stays out of range.
  checkpoint.cursor.ms = checkpoint.etag.ms = checkpoint.audited.ms = -1;
  checkpoint.live = checkpoint.quarantined = -1;
  const std::array<std::pair<std::string_view, std::int64_t*>, 6> numbers{{
      {"schema", &schema},
      {"cursor", &checkpoint.cursor.ms},
      {"etag", &checkpoint.etag.ms},
      {"live", &checkpoint.live},
      {"audited", &checkpoint.audited.ms},
      {"quarantined", &checkpoint.quarantined},
  }};
  const std::array<std::pair<std::string_view, std::string*>, 3> texts{{
      {"master", &checkpoint.master},
      {"bucket", &checkpoint.collection.bucket},
      {"collection", &checkpoint.collection.collection},
  }};
  const std::array<std::pair<std::string_view, bool*>, 3> signs{{
      {"braked", &checkpoint.braked},
      {"withdrawn", &checkpoint.withdrawn},
      {"untold", &checkpoint.untold},
  }};
  json::ObjectReader reader(object);
  for (json::Member member; reader.next(member);) {
    if (member.key == "refused") checkpoint.refused = ids_of(member.value);
    for (const auto& [name, value] : numbers) {
      if (member.key == name) *value = json::to_int(member.value).value_or(-1);
    }
    for (const auto& [name, value] : signs) {
      if (member.key == name) *value = member.value == "true";
    }
    for (const auto& [name, value] : texts) {
      if (member.key == name) *value = json::to_string(member.value).value_or("");
    }
  }
  const bool whole = reader.ok() && schema == Checkpoint::schema && !checkpoint.master.empty() &&
                     !checkpoint.collection.bucket.empty() &&
                     !checkpoint.collection.collection.empty() && checkpoint.cursor.ms >= 0 &&
                     checkpoint.etag.ms >= 0 && checkpoint.live >= 0 &&
                     checkpoint.audited.ms >= 0 && checkpoint.quarantined >= 0;
  if (!whole) return Error(Errc::rejected, "a checkpoint that this version cannot read");
  return checkpoint;
}

Before before_of(const std::optional<Checkpoint>& checkpoint) {
  Before before;
  if (!checkpoint) return before;
  before.etag = checkpoint->etag;
  before.live = checkpoint->live;
  before.audited = checkpoint->audited;
  before.untold = checkpoint->untold;
  before.refused = checkpoint->refused;
  return before;
}

bool may_lack(const Before& before, std::optional<std::int64_t> live,
              std::int64_t of_master) noexcept {
  if (before.etag == Stamp{}) return false;
  return before.broken || !live || *live < std::min(before.live, of_master);
}

Stamp next_cursor(Stamp etag, Stamp date, Millis overlap) noexcept {
  const Stamp newest = std::max(Stamp{}, date.ms > 0 ? std::min(etag, date) : etag);
  return Stamp{std::max<std::int64_t>(0, newest.ms - overlap.count())};
}

}  // namespace kinto_mirror::sync
