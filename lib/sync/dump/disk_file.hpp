#pragma once
// An open file, and what is said where one fails.

#include "base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kinto_mirror::sync {

// "dump b.ndjson: cannot be read: No such file or directory"; `code` is an errno.
Error dump_error(Errc kind, const std::string& path, std::string_view what, int code);

// Closed with the object. Reads and writes are whole, or an Error; signals interrupt none.
class DiskFile {
 public:
  DiskFile() = default;
  // `path` is for messages. Owns `descriptor`.
  DiskFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  ~DiskFile();
  DiskFile(DiskFile&& other) noexcept;
  DiskFile& operator=(DiskFile&& other) noexcept;

  // Errc::usage where it cannot be opened. `mode`: of one that is made, less the umask. What it
  // holds may be for few eyes: records, and who may do what.
  static Result<DiskFile> open(const std::string& path, int flags, unsigned mode = 0600);
  // One without a name, in $TMPDIR or else /tmp, that is gone when it is closed, however the
  // program ends. `path` is for messages.
  static Result<DiskFile> temporary(const std::string& path);

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  // At `offset`, as much as `most` bytes, appended to `out`; nothing at the end of the file.
  Result<std::size_t> read_at(std::uint64_t offset, std::size_t most, std::string& out) const;
  // Where the file's position is; for what has no offsets, such as a pipe.
  Result<std::size_t> read_on(std::size_t most, std::string& out) const;
  Result<void> write(std::string_view bytes);
  // Cut back to `size` bytes, where the next write goes on.
  Result<void> cut_back(std::uint64_t size);
  // On the disk, whatever happens to the machine.
  Result<void> sync();

 private:
  [[nodiscard]] Error failed(std::string_view what) const;

  int descriptor_ = -1;
  std::string path_;
  std::string folder_;  // where a temporary file is; else empty
};

}  // namespace kinto_mirror::sync
