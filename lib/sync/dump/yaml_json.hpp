#pragma once
// A YAML file as JSON, piece by piece: what kinto-wizard writes, and no more of YAML than that.

#include "base/error.hpp"
#include "sync/dump/disk_file.hpp"

#include <cstddef>
#include <cstdint>

namespace kinto_mirror::sync::dump {

// Beyond any of these a file is refused.
struct YamlBounds {
  std::uint64_t file = std::uint64_t{512} << 20U;  // bytes
  std::size_t depth = 256;                         // maps and lists within each other
  std::size_t anchored = std::size_t{16} << 20U;   // bytes of JSON that have names (&a)
  std::size_t aliased = std::size_t{16} << 20U;    // and that these names (*a) stand for, in all
};

// Writes the one document of `from` into `to`, as JSON: members and elements in their order,
// scalars as plain_scalar() has them, quoted ones as text; keys are the text that is written there.
// Besides the file's size it holds the keys of the maps that are open, and what is anchored.
//
// Errc::unproven: "line 3, column 5: ...": no YAML in UTF-8, more than one document, a key that
// stands there twice or is no text, a tag, a merge (<<), %YAML 1.1, or too much of something. Only
// a file that does not end in a line break, as all whole ones do, has no line. `to` is no JSON
// then.
Result<void> yaml_to_json(const DiskFile& from, DiskFile& to, const YamlBounds& bounds = {});

}  // namespace kinto_mirror::sync::dump
