#pragma once
// What a dump says of itself at its end. Pure.

#include "sync/dump/dump.hpp"

#include <cstdint>
#include <string>

namespace kinto_mirror::daemon {

// `bytes`: the size of the file. For people, and as one object of JSON on one line:
// {"dumped": true, "file": "...", "bytes": N, "sha256": "...", "master": "...", "date": N,
//  "containers": {"buckets": N, "groups": N, "collections": N},
//  "collections": [{"id": "b/c", "records": N, "tombstones": N, "etag": N}]}
// or {"dumped": false, "file": "...", "error": {"kind": "...", "message": "..."}}. The checksum is
// that of the last line: of all that stands before it, uncompressed.
std::string dump_text(const std::string& file, const Result<sync::dump::Dumped>& made,
                      std::int64_t bytes);
std::string dump_json(const std::string& file, const Result<sync::dump::Dumped>& made,
                      std::int64_t bytes);

}  // namespace kinto_mirror::daemon
