#include "sync/dump/contents.hpp"

#include "sync/dump/lines.hpp"
#include "sync/dump/readers.hpp"

#include <algorithm>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace kinto_mirror::sync::dump {

namespace {

constexpr std::size_t copied_at_once = std::size_t{1} << 20U;
constexpr std::size_t first_look = std::size_t{64} << 10U;

Result<DiskFile> open_input(const std::string& path) {
  if (path == "-") return DiskFile(::dup(STDIN_FILENO), "stdin");
  return DiskFile::open(path, O_RDONLY);
}

bool is_regular(const DiskFile& file) {
  struct stat found {};
  return ::fstat(file.descriptor(), &found) == 0 && S_ISREG(found.st_mode);
}

// What comes from a pipe, as it comes.
Result<DiskFile> spooled(const DiskFile& from) {
  auto to = DiskFile::temporary(from.path());
  if (!to) return to;
  std::string bytes;
  while (true) {
    bytes.clear();
    const auto got = from.read_on(copied_at_once, bytes);
    if (!got) return got.error();
    if (*got == 0) return to;
    auto written = to->write(bytes);
    if (!written) return written.error();
  }
}

Result<DiskFile> unpacked(const DiskFile& from) {
  auto to = DiskFile::temporary(from.path());
  if (!to) return to;
  Bytes packed(from, 0, true);
  std::string bytes;
  while (true) {
    bytes.clear();
    const auto more = packed.more(bytes);
    if (!more) return more.error();
    if (!*more) return to;
    auto written = to->write(bytes);
    if (!written) return written.error();
  }
}

// The first bytes that are no white space.
Result<std::string> begin_of(const DiskFile& file) {
  std::string begin;
  const auto got = file.read_at(0, first_look, begin);
  if (!got) return got.error();
  begin.erase(0, std::min(begin.find_first_not_of(" \t\r\n"), begin.size()));
  return begin;
}

bool is_of_wizard(std::string_view begin) {
  constexpr std::string_view root = "buckets:";
  return begin.starts_with(root) || begin.find("\n" + std::string(root)) != std::string_view::npos;
}

Error no_dump(const DiskFile& file) {
  return {Errc::unproven, file.path() +
                              " is no dump: accepted are files of `kinto-mirror dump`, JSON of "
                              "Remote Settings, {\"data\": [...], \"timestamp\": N}, and YAML of "
                              "kinto-wizard, `buckets:`; all also compressed by gzip"};
}

}  // namespace

Error damaged(const DiskFile& file, const std::string& what) {
  return {Errc::unproven, file.path() + " is damaged: " + what +
                              "; nothing was written: copy the file anew, or make the dump anew"};
}

std::optional<std::string> settle(Endpoint& endpoint, Stamp etag) {
  auto twice = endpoint.shelf.settle();
  endpoint.etag = etag > Stamp{} ? etag : std::max(Stamp{1}, endpoint.shelf.newest());
  return twice;
}

Result<Contents> read_contents(const std::string& path, const std::optional<CollectionId>& only) {
  auto file = open_input(path);
  if (file && !is_regular(*file)) file = spooled(*file);
  if (!file) return file.error();
  auto begin = begin_of(*file);
  if (begin && is_gzip(*begin)) {
    file = unpacked(*file);
    if (!file) return file.error();
    begin = begin_of(*file);
  }
  if (!begin) return begin.error();
  if (begin->starts_with("{\"kinto-mirror-dump\"")) return read_dump(std::move(*file));
  if (!begin->starts_with('{')) return is_of_wizard(*begin) ? read_wizard(*file) : no_dump(*file);
  if (!only) {
    return Error(Errc::usage, file->path() +
                                  " does not say which collection it is: name it, with "
                                  "--collections BUCKET/COLLECTION");
  }
  return read_remote_settings(*file, *only);
}

}  // namespace kinto_mirror::sync::dump
