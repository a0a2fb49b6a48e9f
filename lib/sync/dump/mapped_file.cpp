#include "sync/dump/mapped_file.hpp"

#include <sys/mman.h>
#include <sys/stat.h>

namespace kinto_mirror::sync::dump {

MappedFile::MappedFile(const DiskFile& file) {
  struct stat found {};
  if (::fstat(file.descriptor(), &found) != 0 || found.st_size == 0) return;
  size_ = static_cast<std::size_t>(found.st_size);
  bytes_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.descriptor(), 0);
  if (bytes_ == MAP_FAILED) bytes_ = nullptr;
}

MappedFile::~MappedFile() {
  if (bytes_ != nullptr) ::munmap(bytes_, size_);
}

}  // namespace kinto_mirror::sync::dump
