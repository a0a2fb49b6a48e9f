#include "sync/dump/disk_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace kinto_mirror::sync {

namespace {

// What `call` returns, begun again where a signal interrupted it.
template <class Call>
auto uninterrupted(Call call) {
  auto done = call();
  while (done < 0 && errno == EINTR) done = call();
  return done;
}

// Appends to `out` what `call(place)` reads, at most `most` bytes; below 0 where it fails.
template <class Call>
ssize_t append_read(std::string& out, std::size_t most, Call call) {
  const std::size_t before = out.size();
  out.resize(before + most);
  const ssize_t got = uninterrupted([&] { return call(out.data() + before); });
  out.resize(before + (got > 0 ? static_cast<std::size_t>(got) : 0));
  return got;
}

}  // namespace

Error dump_error(Errc kind, const std::string& path, std::string_view what, int code) {
  return {kind, path + ": " + std::string(what) + ": " + std::generic_category().message(code)};
}

DiskFile::~DiskFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

DiskFile::DiskFile(DiskFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      path_(std::move(other.path_)),
      folder_(std::move(other.folder_)) {}

DiskFile& DiskFile::operator=(DiskFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  std::swap(folder_, other.folder_);
  return *this;
}

Result<DiskFile> DiskFile::open(const std::string& path, int flags, unsigned mode) {
  const int descriptor =
      uninterrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); });
  if (descriptor < 0) return dump_error(Errc::usage, path, "cannot be opened", errno);
  return DiskFile(descriptor, path);
}

Result<DiskFile> DiskFile::temporary(const std::string& path) {
  const char* const given = std::getenv("TMPDIR");
  const std::string folder = given != nullptr && *given != '\0' ? given : "/tmp";
  std::string name = folder + "/kinto-mirror-XXXXXX";
  const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) {
    return dump_error(Errc::usage, folder,
                      "no temporary file can be made (TMPDIR names another folder)", errno);
  }
  ::unlink(name.c_str());
  DiskFile file(descriptor, path);
  file.folder_ = folder;
  return file;
}

Error DiskFile::failed(std::string_view what) const {
  const int code = errno;
  if (folder_.empty()) return dump_error(Errc::rejected, path_, what, code);
  const std::string which = "the temporary file for " + path_ + " " + std::string(what);
  return dump_error(Errc::rejected, folder_, which + " (TMPDIR names another folder)", code);
}

Result<std::size_t> DiskFile::read_at(std::uint64_t offset, std::size_t most,
                                      std::string& out) const {
  const auto got = append_read(out, most, [&](char* to) {
    return ::pread(descriptor_, to, most, static_cast<off_t>(offset));
  });
  if (got < 0) return failed("cannot be read");
  return static_cast<std::size_t>(got);
}

Result<std::size_t> DiskFile::read_on(std::size_t most, std::string& out) const {
  const auto got = append_read(out, most, [&](char* to) { return ::read(descriptor_, to, most); });
  if (got < 0) return failed("cannot be read");
  return static_cast<std::size_t>(got);
}

Result<void> DiskFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto done =
        uninterrupted([&] { return ::write(descriptor_, bytes.data(), bytes.size()); });
    if (done < 0) return failed("cannot be written");
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
  return success();
}

Result<void> DiskFile::cut_back(std::uint64_t size) {
  const auto to = static_cast<off_t>(size);
  if (::ftruncate(descriptor_, to) != 0 || ::lseek(descriptor_, to, SEEK_SET) != to) {
    return failed("cannot be cut back");
  }
  return success();
}

Result<void> DiskFile::sync() {
  if (uninterrupted([&] { return ::fsync(descriptor_); }) != 0) {
    return failed("cannot be brought to the disk");
  }
  return success();
}

}  // namespace kinto_mirror::sync
