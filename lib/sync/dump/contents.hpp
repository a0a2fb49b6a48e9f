#pragma once
// What a file holds, verified: the objects of each plural endpoint, and where their bytes are.

#include "base/error.hpp"
#include "base/types.hpp"
#include "sync/dump/disk_file.hpp"
#include "sync/dump/shelf.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::sync::dump {

struct Endpoint {
  Shelf shelf;
  Stamp etag;  // never 0
};

// What a file tells of buckets, groups and collections; of what it does not, nothing is changed.
struct Told {
  bool metadata = true;
  bool groups = true;
  bool permissions = true;
  bool deletions = true;

  static Told nothing() { return {false, false, false, false}; }
};

struct Contents {
  DiskFile file;       // plain bytes, which the slices point into
  std::string master;  // the server that was dumped, or "file:" and the file's name
  Stamp date;          // what the file holds is at least as old; 0: it does not say
  std::vector<std::string> collections;  // patterns of the scope that was dumped
  // By what stands behind the API's root: "/buckets", "/buckets/b/groups",
  // "/buckets/b/collections", "/buckets/b/collections/c/records". Ids are not percent-encoded.
  std::map<std::string, Endpoint> endpoints;
  // Of containers whose permissions the file tells, by path: "/buckets/b/groups/g".
  std::map<std::string, Slice> permissions;
  Told told;
  std::vector<std::string> notices;  // what of the file is not restored, or was added to it
  std::int64_t records = 0;          // live, of all collections

  // Paths of endpoints.
  static std::string of_groups(const std::string& bucket) {
    return "/buckets/" + bucket + "/groups";
  }
  static std::string of_collections(const std::string& bucket) {
    return "/buckets/" + bucket + "/collections";
  }
  static std::string of_records(const CollectionId& id) {
    return of_collections(id.bucket) + "/" + id.collection + "/records";
  }
};

// The file at `path`; "-" is stdin. What is packed, or no file, is unpacked or copied into a
// temporary file without a name first ($TMPDIR). All of it is read and held against its counts and
// checksum: Errc::unproven, and what to do, where it is cut, damaged, or no file that can be
// restored; Errc::usage where it cannot be opened. Files of Remote Settings name no collection:
// they need `only`, and are refused without it. Whatever begins neither as these nor as a dump, and
// has a line that begins with `buckets:`, is YAML of kinto-wizard.
Result<Contents> read_contents(const std::string& path, const std::optional<CollectionId>& only);

}  // namespace kinto_mirror::sync::dump
