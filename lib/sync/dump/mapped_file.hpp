#pragma once
// The bytes of a whole file as one text, without a copy of them.

#include "sync/dump/disk_file.hpp"

#include <string_view>

namespace kinto_mirror::sync::dump {

// Empty where the file is, or cannot be mapped.
class MappedFile {
 public:
  explicit MappedFile(const DiskFile& file);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  [[nodiscard]] std::string_view text() const noexcept {
    if (bytes_ == nullptr) return {};
    return {static_cast<const char*>(bytes_), size_};
  }

 private:
  void* bytes_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace kinto_mirror::sync::dump
