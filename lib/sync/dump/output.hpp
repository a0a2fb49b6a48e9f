#pragma once
// The file that a dump is written to. It stands under its name when it is whole, and never before.

#include "base/error.hpp"
#include "sync/dump/checksum.hpp"
#include "sync/dump/disk_file.hpp"
#include "sync/dump/lines.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace kinto_mirror::sync::dump {

// Written to PATH.part, which has its name when finish() is done, and is removed where the object
// goes before. "-" is stdout: written to a file without a name first, and copied at the end, so
// that nobody reads a dump that failed. A name that ends in ".gz" is compressed.
class Output {
 public:
  // Whom it is for: a dump's file is its user's alone; a listing's has the rights of the one before
  // it, or the usual ones.
  enum class Kind { dump, listing };

  // Errors: usage (no such folder, no right to write there), busy (another one writes it).
  static Result<std::unique_ptr<Output>> open(const std::string& path, Kind kind = Kind::dump);
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // One line, to which the line break is added.
  Result<void> line(std::string_view text);

  // From here on, what is written may be read again, and taken back.
  Result<void> mark();
  // All lines since the mark. Reading ends at the end of what was written before this call.
  Result<Lines> since_mark();
  // As if nothing had been written since the mark.
  Result<void> take_back();

  // Of what was written so far, line breaks included, before compression.
  [[nodiscard]] std::int64_t lines() const noexcept { return lines_; }
  [[nodiscard]] std::string sha256() const { return checksum_.hex(); }

  // Brought to the disk and given its name, or copied to stdout.
  Result<void> finish();
  // Of the file, after finish().
  [[nodiscard]] std::int64_t bytes() const noexcept {
    return static_cast<std::int64_t>(file_bytes_);
  }

 private:
  struct Deflater;
  Output(std::string path, DiskFile file, bool gzip);

  enum class Flush { none, end };
  Result<void> flush(Flush how);
  Result<void> write(std::string_view bytes);
  Result<void> copy_to_stdout();

  std::string path_;
  DiskFile file_;
  bool unnamed_ = false;  // to be copied to stdout
  bool finished_ = false;
  std::unique_ptr<Deflater> deflater_;  // none: not compressed
  std::string waiting_;                 // not yet written, or compressed
  std::string packed_;
  Checksum checksum_;
  std::int64_t lines_ = 0;
  std::uint64_t file_bytes_ = 0;
  struct Mark {
    std::uint64_t file_bytes = 0;
    std::int64_t lines = 0;
    Checksum checksum;
  };
  Mark mark_;
};

}  // namespace kinto_mirror::sync::dump
