#include "selftest/contents.hpp"

#include "base/json_slice.hpp"

namespace kinto_mirror::selftest {

namespace {

constexpr int shown_differences = 5;

std::string in_one_spelling(std::string_view string) {
  const auto text = json::to_string(string);
  return text ? json::quoted(*text) : std::string(string);
}

std::string canonical_object(std::string_view object, bool own_members_only) {
  std::map<std::string, std::string> members;
  json::ObjectReader reader(object);
  for (json::Member member; reader.next(member);) {
    std::string key = in_one_spelling("\"" + std::string(member.key) + "\"");
    if (own_members_only && (key == "\"id\"" || key == "\"last_modified\"")) continue;
    members[std::move(key)] = canonical(member.value);
  }
  if (!reader.ok()) return std::string(object);
  std::string out = "{";
  for (const auto& [key, value] : members) {
    if (out.size() > 1) out += ',';
    out.append(key).append(":").append(value);
  }
  return out + "}";
}

std::string canonical_array(std::string_view array) {
  std::string out = "[";
  json::ArrayReader reader(array);
  for (std::string_view element; reader.next(element);) {
    if (out.size() > 1) out += ',';
    out += canonical(element);
  }
  return reader.ok() ? out + "]" : std::string(array);
}

std::string stamps(const Stored& master, const Stored& replica) {
  return std::to_string(master.stamp.ms) + " on the master, " + std::to_string(replica.stamp.ms) +
         " on the replica";
}

// Nothing when the record `id` is the same on both sides.
std::string difference_of(const std::string& id, const Contents& master, const Contents& replica) {
  const auto ours = master.find(id);
  const auto theirs = replica.find(id);
  if (theirs == replica.end()) return id + ": not on the replica";
  if (ours == master.end()) return id + ": only on the replica";
  const Stored& left = ours->second;
  const Stored& right = theirs->second;
  if (left.body != right.body) {
    return id + ": " + left.body + " on the master, " + right.body + " on the replica; stamps " +
           stamps(left, right);
  }
  return left.stamp == right.stamp ? "" : id + ": stamp " + stamps(left, right);
}

}  // namespace

std::string canonical(std::string_view text) {
  if (text.starts_with('{')) return canonical_object(text, false);
  if (text.starts_with('[')) return canonical_array(text);
  if (text.starts_with('"')) return in_one_spelling(text);
  return std::string(text);
}

std::string canonical_body(std::string_view object) {
  return canonical_object(object, true);
}

std::string difference(const Contents& master, const Contents& replica) {
  Contents all = master;
  all.insert(replica.begin(), replica.end());
  std::string out;
  int count = 0;
  for (const auto& [id, unused] : all) {
    const std::string found = difference_of(id, master, replica);
    if (found.empty()) continue;
    if (++count <= shown_differences) out += (out.empty() ? "" : "\n") + found;
  }
  if (count > shown_differences) {
    out += "\nand " + std::to_string(count - shown_differences) + " more";
  }
  return out;
}

Contents without(Contents contents, const std::vector<Record>& records) {
  for (const Record& record : records) contents.erase(record.id);
  return contents;
}

}  // namespace kinto_mirror::selftest
