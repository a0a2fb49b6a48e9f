#include "daemon/dump_report.hpp"

#include "daemon/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <utility>

namespace kinto_mirror::daemon {

namespace json = boost::json;

std::string dump_text(const std::string& file, const Result<sync::dump::Dumped>& made,
                      std::int64_t bytes) {
  if (!made) return "no dump: " + printable(made.error().message) + "\n";
  std::string out = made->header.master + "\n";
  for (const sync::dump::Section& one : made->sections) {
    out += fmt::format("  {:<40} {} records, {} tombstones\n", printable(one.id.str()), one.records,
                       one.tombstones);
  }
  out += fmt::format("  {:<40} {} buckets, {} groups, {} collections\n", "containers",
                     made->buckets, made->groups, made->collections);
  return out +
         fmt::format("{}: {} bytes, {} records\n", printable(file), bytes, made->totals.records);
}

std::string dump_json(const std::string& file, const Result<sync::dump::Dumped>& made,
                      std::int64_t bytes) {
  json::object out;
  out["dumped"] = made.has_value();
  out["file"] = to_valid_utf8(file);
  if (!made) {
    json::object error;
    error["kind"] = to_string(made.error().code);
    error["message"] = to_valid_utf8(made.error().message);
    out["error"] = std::move(error);
    return json::serialize(out) + "\n";
  }
  out["bytes"] = bytes;
  out["sha256"] = made->totals.sha256;
  out["master"] = made->header.master;
  out["date"] = made->header.date.ms;
  json::object containers;
  containers["buckets"] = made->buckets;
  containers["groups"] = made->groups;
  containers["collections"] = made->collections;
  out["containers"] = std::move(containers);
  json::array collections;
  for (const sync::dump::Section& one : made->sections) {
    json::object entry;
    entry["id"] = to_valid_utf8(one.id.str());
    entry["records"] = one.records;
    entry["tombstones"] = one.tombstones;
    entry["etag"] = one.etag.ms;
    collections.push_back(std::move(entry));
  }
  out["collections"] = std::move(collections);
  return json::serialize(out) + "\n";
}

}  // namespace kinto_mirror::daemon
