#pragma once
// What the lines of a dump say: made and read. Pure. docs/dump.md describes the format for people.
//
//   {"kinto-mirror-dump":1,"master":"http://m/v1","date":17,"collections":["*/*"]}
//   {"bucket":"b","data":{...},"permissions":{...}}
//   {"bucket":"b","group":"g","data":{...},"permissions":{...}}
//   {"bucket":"b","collection":"c","deleted":true,"last_modified":16}
//   {"begin":{"bucket":"b","collection":"c"}}
//   {"record":{"id":"r","last_modified":12,...}}
//   {"tombstone":{"id":"s","last_modified":13,"deleted":true}}
//   {"done":{"bucket":"b","collection":"c","etag":13,"records":1,"tombstones":1,"lines":2}}
//   {"end":{"lines":8,"containers":3,"sections":1,"records":1,"tombstones":1,"sha256":"..."}}
//
// What stands in `data`, `permissions`, `record` and `tombstone` are the server's own bytes, but
// for line breaks between two tokens, which are blanks here.

#include "base/error.hpp"
#include "base/types.hpp"
#include "sync/tree/container.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::sync::dump {

inline constexpr std::int64_t format_version = 1;

struct Header {
  std::int64_t version = format_version;
  std::string master;                    // canonical URL, without credentials
  Stamp date;                            // the master's clock before anything was read
  std::vector<std::string> collections;  // patterns of the scope
};

// A bucket, group or collection. Views of the line, empty where absent.
struct ContainerLine {
  ContainerId id;
  bool deleted = false;
  Stamp stamp;                   // of a deleted one; else `data` tells
  std::string_view data;         // JSON object
  std::string_view permissions;  // JSON object; empty: not shown to the user of the dump
};

// What a collection's section held. Of one id several versions may stand there, where the
// collection was written to meanwhile: the newest counts.
struct Section {
  CollectionId id;
  Stamp etag;                   // of the collection when the last of it was read
  std::int64_t records = 0;     // live ones, each id once
  std::int64_t tombstones = 0;  // likewise
  std::int64_t lines = 0;       // all that stand between its first and its last line
};

struct Totals {
  std::int64_t lines = 0;  // of the file, without the last
  std::int64_t containers = 0;
  std::int64_t sections = 0;
  std::int64_t records = 0;
  std::int64_t tombstones = 0;
  std::string sha256;  // of all bytes before the last line, in hexadecimal digits
};

// Each without the line break.
std::string to_line(const Header& header);
std::string to_line(const ContainerId& id, const Container& container);
std::string begin_line(const CollectionId& id);
std::string object_line(bool tombstone, std::string_view raw);
std::string to_line(const Section& section);
std::string to_line(const Totals& totals);

enum class LineKind { header, container, begin, record, tombstone, done, end };

// Which it is, by its first member; Errc::unproven where it is none of them, or no JSON object.
// `body`: the value of that member; of a container the whole line. A view of `line`.
struct Line {
  LineKind kind = LineKind::end;
  std::string_view body;
};
Result<Line> read_line(std::string_view line);

// What an object of Kinto can be called: whoever had another name could not be asked for.
bool is_id(std::string_view text) noexcept;
// Errc::unproven: "\"a/b\" is no id".
Error no_id(std::string_view text);

// The rest, of a line of that kind. Errc::unproven where members are missing, or an id is none.
Result<Header> read_header(std::string_view line);
Result<ContainerLine> read_container(std::string_view line);
Result<CollectionId> read_begin(std::string_view body);
Result<Section> read_done(std::string_view body);
Result<Totals> read_end(std::string_view body);

// What tells an object of a listing apart. The id is unescaped.
struct ObjectLine {
  std::string id;
  Stamp stamp;
  bool marked = false;     // has a member `deleted`, whatever its value
  bool tombstone = false;  // that is `true`
};
Result<ObjectLine> read_object(std::string_view body);

}  // namespace kinto_mirror::sync::dump
