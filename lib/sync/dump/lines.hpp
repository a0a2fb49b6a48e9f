#pragma once
// The lines of a file, one after the other, in bounded memory; gzip is undone on the way.

#include "http/inflate.hpp"
#include "sync/dump/disk_file.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace kinto_mirror::sync {

// Whether bytes begin as a gzip file does.
bool is_gzip(std::string_view begin) noexcept;

// The bytes of a file from a place on, as they are or unpacked. The file outlives it.
class Bytes {
 public:
  Bytes(const DiskFile& file, std::uint64_t from, bool gzip);

  // Appends some to `out`; false at the end. Errors: unproven, where gzip is cut or broken.
  Result<bool> more(std::string& out);

 private:
  const DiskFile& file_;
  std::uint64_t at_;
  std::unique_ptr<http::Inflater> inflater_;  // none: nothing is packed
  std::string packed_;
};

class Lines {
 public:
  // The longest line: Kinto's own bound on a body is far below it.
  static constexpr std::size_t longest = std::size_t{256} << 20U;

  Lines(const DiskFile& file, std::uint64_t from, bool gzip)
      : bytes_(file, from, gzip), path_(file.path()) {}

  // The next line, without its end; nothing at the end of the file. The view lives until the next
  // call.
  Result<std::optional<std::string_view>> next();

  // Where the line of the last next() begins, in bytes behind `from`, unpacked.
  [[nodiscard]] std::uint64_t offset() const noexcept { return line_at_; }
  // Of the last line: whether it ended in a line break, as each line of a whole file does.
  [[nodiscard]] bool ended() const noexcept { return ended_; }

 private:
  Bytes bytes_;
  std::string path_;
  std::string buffer_;
  std::size_t at_ = 0;      // in the buffer: behind the last line
  std::uint64_t base_ = 0;  // offset of the buffer's first byte
  std::uint64_t line_at_ = 0;
  bool ended_ = true;
};

}  // namespace kinto_mirror::sync
