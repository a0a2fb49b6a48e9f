#include "sync/dump/wizard_file.hpp"

#include "sync/dump/checksum.hpp"
#include "sync/dump/format.hpp"

#include <charconv>

namespace kinto_mirror::sync::dump {

namespace {

Error unfit(const std::string& where, const std::string& what) {
  return {Errc::unproven, where + ": " + what};
}

Result<std::string> id_of(std::string_view key, const std::string& where) {
  std::string id = json::to_string("\"" + std::string(key) + "\"").value_or("");
  if (!is_id(id)) return unfit(where, no_id(key).message);
  return id;
}

// Takes `value` where it is an object.
Result<void> take_object(const json::Member& member, std::string_view& to,
                         const std::string& where) {
  if (!member.value.starts_with('{')) {
    return unfit(where, "`" + std::string(member.key) + "` holds no members");
  }
  to = member.value;
  return success();
}

Error unknown(const json::Member& member, const std::string& where) {
  return unfit(where, "has a member `" + std::string(member.key) +
                          "`, which no file of kinto-wizard has there");
}

// Calls take(member, where) for each member of the object `text`.
template <class Take>
Result<void> each(std::string_view text, const std::string& where, Take take) {
  json::ObjectReader reader(text);
  for (json::Member member; reader.next(member);) {
    auto taken = take(member);
    if (!taken) return taken;
  }
  return reader.ok() ? success() : Result<void>(unfit(where, "holds no members"));
}

// Of a group, a collection or a record: what all of them may have. False: another member.
Result<bool> take_common(const json::Member& member, WizardObject& to, const std::string& where) {
  const bool data = member.key == "data";
  if (!data && member.key != "permissions") return false;
  auto taken = take_object(member, data ? to.data : to.permissions, where);
  if (!taken) return taken.error();
  return true;
}

Result<WizardObject> read_plain(const json::Member& entry, const std::string& below) {
  auto id = id_of(entry.key, below);
  if (!id) return id.error();
  WizardObject object;
  object.id = std::move(*id);
  const std::string where = below + "/" + object.id;
  auto read = each(entry.value, where, [&](const json::Member& member) -> Result<void> {
    const auto common = take_common(member, object, where);
    if (!common) return common.error();
    return *common ? success() : Result<void>(unknown(member, where));
  });
  if (!read) return read.error();
  return object;
}

Result<void> read_groups(std::string_view text, WizardBucket& bucket) {
  bucket.tells_groups = true;
  const std::string below = bucket.self.id + "/groups";
  return each(text, below, [&](const json::Member& entry) -> Result<void> {
    auto group = read_plain(entry, below);
    if (!group) return group.error();
    bucket.groups.push_back(std::move(*group));
    return success();
  });
}

Result<WizardCollection> read_collection(const json::Member& entry, const std::string& bucket) {
  auto id = id_of(entry.key, bucket);
  if (!id) return id.error();
  WizardCollection collection;
  collection.self.id = std::move(*id);
  const std::string where = bucket + "/" + collection.self.id;
  auto read = each(entry.value, where, [&](const json::Member& member) -> Result<void> {
    if (member.key == "records") return take_object(member, collection.records, where);
    const auto common = take_common(member, collection.self, where);
    if (!common) return common.error();
    return *common ? success() : Result<void>(unknown(member, where));
  });
  if (!read) return read.error();
  return collection;
}

Result<void> read_collections(std::string_view text, WizardBucket& bucket) {
  return each(text, bucket.self.id, [&](const json::Member& entry) -> Result<void> {
    auto collection = read_collection(entry, bucket.self.id);
    if (!collection) return collection.error();
    bucket.collections.push_back(std::move(*collection));
    return success();
  });
}

Result<WizardBucket> read_bucket(const json::Member& entry) {
  auto id = id_of(entry.key, "buckets");
  if (!id) return id.error();
  WizardBucket bucket;
  bucket.self.id = std::move(*id);
  const std::string& where = bucket.self.id;
  auto read = each(entry.value, where, [&](const json::Member& member) -> Result<void> {
    if (member.key == "groups") return read_groups(member.value, bucket);
    if (member.key == "collections") return read_collections(member.value, bucket);
    const auto common = take_common(member, bucket.self, where);
    if (!common) return common.error();
    return *common ? success() : Result<void>(unknown(member, where));
  });
  if (!read) return read.error();
  return bucket;
}

// `{"a":1}` with `member` in front.
std::string with_member(const std::string& member, std::string_view object) {
  const bool empty = object.find_first_not_of(" \t", 1) == object.size() - 1;
  return "{" + member + (empty ? "" : ",") + std::string(object.substr(1));
}

}  // namespace

Result<std::vector<WizardBucket>> read_wizard_file(std::string_view text) {
  const auto buckets = json::member(text, "buckets");
  if (!buckets) return unfit("the file", "has no member `buckets`");
  std::vector<WizardBucket> out;
  auto read = each(*buckets, "buckets", [&](const json::Member& entry) -> Result<void> {
    auto bucket = read_bucket(entry);
    if (!bucket) return bucket.error();
    out.push_back(std::move(*bucket));
    return success();
  });
  if (!read) return read.error();
  return out;
}

Result<std::optional<WizardObject>> WizardRecords::next() {
  json::Member entry;
  if (!reader_.next(entry)) {
    if (!reader_.ok()) return unfit(where_, "its records cannot be read");
    return std::optional<WizardObject>();
  }
  auto object = read_plain(entry, where_);
  if (!object) return object.error();
  return std::optional<WizardObject>(std::move(*object));
}

Stamp WizardStamps::of(std::string_view content) {
  constexpr std::int64_t oldest = std::int64_t{1} << 39U;
  constexpr std::size_t digits = 10;  // 40 bits
  Checksum checksum;
  checksum.add(content);
  const std::string hex = checksum.hex();
  std::int64_t number = 0;
  std::from_chars(hex.data(), hex.data() + digits, number, 16);
  Stamp stamp{oldest + number % oldest};
  while (!taken_.insert(stamp.ms).second) ++stamp.ms;
  return stamp;
}

Result<WizardListed> listed(const WizardObject& object, const std::string& where,
                            WizardStamps& stamps) {
  const std::string_view data = object.data.empty() ? std::string_view("{}") : object.data;
  WizardListed out;
  out.json = data;
  const auto id = json::member(data, "id");
  if (!id) out.json = with_member("\"id\":" + json::quoted(object.id), out.json);
  const bool other = id && json::to_string(*id) != object.id;
  if (other) return unfit(where, "its data have the id " + std::string(*id));
  const auto told = json::member(data, "last_modified");
  if (told) {
    const auto number = json::to_int(*told);
    if (!number) return unfit(where, "its last_modified is no integer: " + std::string(*told));
    out.stamp.ms = *number;
    return out;
  }
  out.made = true;
  out.stamp = stamps.of(out.json);
  out.json = with_member("\"last_modified\":" + std::to_string(out.stamp.ms), out.json);
  return out;
}

Result<std::optional<Lists>> lists_of(const WizardObject& object, const std::string& where) {
  if (object.permissions.empty()) return std::optional<Lists>();
  std::optional<Lists> lists = parse_lists(object.permissions);
  const bool told = lists || json::whole_value(object.permissions) == "{}";
  if (!told) return unfit(where, "its permissions are no lists of principals");
  return lists;
}

}  // namespace kinto_mirror::sync::dump
