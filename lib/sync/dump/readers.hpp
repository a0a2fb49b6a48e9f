#pragma once
// The kinds of files that can be restored, each read to its end and verified.

#include "sync/dump/contents.hpp"

#include <optional>
#include <string>

namespace kinto_mirror::sync::dump {

// What dump writes (format.hpp). `file`: plain bytes; it becomes Contents::file.
Result<Contents> read_dump(DiskFile file);

// `{"data": [...], "timestamp": N}`, the records of one collection, as Remote Settings publishes
// them: made into a dump, in a temporary file, and read from there.
Result<Contents> read_remote_settings(const DiskFile& file, const CollectionId& id);

// YAML of kinto-wizard: made into a dump likewise.
Result<Contents> read_wizard(const DiskFile& file);

// Settles the shelf and gives it its ETag, which is `etag` or, where that is 0, its newest stamp.
// An id that stands there twice is returned.
std::optional<std::string> settle(Endpoint& endpoint, Stamp etag);

// Errc::unproven: "FILE is damaged: `what`; nothing was written; ..."
Error damaged(const DiskFile& file, const std::string& what);

}  // namespace kinto_mirror::sync::dump
