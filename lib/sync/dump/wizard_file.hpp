#pragma once
// What a file of kinto-wizard says, as JSON: which containers it has, and where each part stands.
// Pure.
//
//   {"buckets": {"b": {"data": {...}, "permissions": {...},
//     "groups": {"g": {"data": {...}, "permissions": {...}}},
//     "collections": {"c": {"data": {...}, "permissions": {...},
//       "records": {"r": {"data": {...}, "permissions": {...}}}}}}}}
//
// Each member may be absent: kinto-wizard was not asked for it, or could not read it.

#include "base/error.hpp"
#include "base/json_slice.hpp"
#include "base/types.hpp"
#include "sync/tree/lists.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace kinto_mirror::sync::dump {

// Views of the text.
struct WizardObject {
  std::string id;
  std::string_view data;         // an object; empty: absent
  std::string_view permissions;  // likewise
};

struct WizardCollection {
  WizardObject self;
  std::string_view records;  // an object; empty: absent
};

struct WizardBucket {
  WizardObject self;
  bool tells_groups = false;
  std::vector<WizardObject> groups;
  std::vector<WizardCollection> collections;
};

// Errc::unproven: "b/c: ...", where it is none.
Result<std::vector<WizardBucket>> read_wizard_file(std::string_view text);

// The records that stand in `records`, one by one.
class WizardRecords {
 public:
  // `where`: the collection, for messages. The text outlives it.
  WizardRecords(std::string_view records, std::string where)
      : reader_(records), where_(std::move(where)) {}

  // Nothing at the end.
  Result<std::optional<WizardObject>> next();

 private:
  json::ObjectReader reader_;
  std::string where_;
};

// An object as a listing has it: with its id and a stamp.
struct WizardListed {
  std::string json;
  Stamp stamp;
  bool made = false;  // the stamp, of what the object holds: the file has none
};

// Makes stamps for the objects of one endpoint that have none. The same object gets the same one at
// any time: of 1987 to 2004, before there was a Kinto, so that no server's own is older.
class WizardStamps {
 public:
  Stamp of(std::string_view content);

 private:
  std::unordered_set<std::int64_t> taken_;
};

// `where`: for messages.
Result<WizardListed> listed(const WizardObject& object, const std::string& where,
                            WizardStamps& stamps);

// Nothing where they are absent, or `{}`: kinto-wizard writes that where it is not shown them.
Result<std::optional<Lists>> lists_of(const WizardObject& object, const std::string& where);

}  // namespace kinto_mirror::sync::dump
