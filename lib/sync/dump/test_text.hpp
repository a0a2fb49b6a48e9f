#pragma once
// The text of a whole dump, for tests.

#include "sync/dump/checksum.hpp"
#include "sync/dump/format.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kinto_mirror::sync::dump::test {

inline const std::string header =
    R"({"kinto-mirror-dump":1,"master":"http://m/v1","date":100000,"collections":["b/*"]})";

// `totals`: what its last line says besides lines and checksum.
inline std::string dump_of(const std::vector<std::string>& lines, Totals totals) {
  std::string text;
  for (const std::string& line : lines) {
    text += line;
    text += '\n';
  }
  Checksum sum;
  sum.add(text);
  totals.lines = static_cast<std::int64_t>(lines.size());
  totals.sha256 = sum.hex();
  return text + to_line(totals) + "\n";
}

// A bucket with a collection, of which another is gone; a record, and a tombstone that stands there
// as a record as well, since it was deleted while the dump was made.
inline std::vector<std::string> the_lines() {
  return {
      header,
      R"({"bucket":"b","data":{"id":"b","last_modified":1},"permissions":{"write":["u"]}})",
      R"({"bucket":"b","collection":"c","data":{"id":"c","last_modified":2}})",
      R"({"bucket":"b","collection":"d","deleted":true,"last_modified":3})",
      R"({"begin":{"bucket":"b","collection":"c"}})",
      R"({"record":{"id":"r","last_modified":10,"n":1}})",
      R"({"record":{"id":"s","last_modified":11}})",
      R"({"tombstone":{"id":"s","last_modified":12,"deleted":true}})",
      R"({"done":{"bucket":"b","collection":"c","etag":13,"records":1,"tombstones":1,"lines":3}})"};
}

inline Totals the_totals() {
  Totals totals;
  totals.containers = 3;
  totals.sections = 1;
  totals.records = 1;
  totals.tombstones = 1;
  return totals;
}

}  // namespace kinto_mirror::sync::dump::test
