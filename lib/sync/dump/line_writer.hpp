#pragma once
// Writes the lines of a dump that is made of another kind of file, with counts and checksum.

#include "base/error.hpp"
#include "sync/dump/checksum.hpp"
#include "sync/dump/disk_file.hpp"
#include "sync/dump/format.hpp"

#include <string>
#include <string_view>

namespace kinto_mirror::sync::dump {

// In the order of format.hpp: header, containers, and of each section begin, records, done; at last
// end().
class LineWriter {
 public:
  // `to` outlives it.
  explicit LineWriter(DiskFile& to) : to_(to) {}

  Result<void> header(const Header& header) { return line(to_line(header)); }
  Result<void> container(const ContainerId& id, const Container& container);
  Result<void> begin(const CollectionId& id);
  Result<void> record(std::string_view raw);
  // With the counts of what came since begin().
  Result<void> done(Stamp etag);
  Result<void> end();

 private:
  Result<void> line(std::string_view text);
  Result<void> flush();

  DiskFile& to_;
  std::string waiting_;
  Checksum checksum_;
  Section section_;
  Totals totals_;
};

}  // namespace kinto_mirror::sync::dump
