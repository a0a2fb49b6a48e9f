#include "sync/dump/output.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <new>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <zlib.h>

namespace kinto_mirror::sync::dump {

namespace {

constexpr std::size_t enough_at_once = std::size_t{1} << 20U;

std::string part_of(const std::string& path) {
  return path + ".part";
}

// Whether the name still means this file: the dump that had it may just have given it another one.
bool has_name(const DiskFile& file, const std::string& name) {
  struct stat own {};
  struct stat there {};
  return ::fstat(file.descriptor(), &own) == 0 && ::stat(name.c_str(), &there) == 0 &&
         own.st_ino == there.st_ino && own.st_dev == there.st_dev;
}

// Nothing but a file is replaced. A name that is another's is followed to what it means.
Result<std::string> meant_file(const std::string& path) {
  if (path.empty()) return Error(Errc::usage, "the name of the file is empty");
  std::error_code failed;
  const std::string real = std::filesystem::canonical(path, failed).string();
  struct stat there {};
  const bool found = !failed && ::stat(real.c_str(), &there) == 0;
  if (path.ends_with('/') || (found && S_ISDIR(there.st_mode))) {
    return Error(Errc::usage, path + " is a folder; give the name of a file, such as " + path +
                                  (path.ends_with('/') ? "" : "/") + "dump.ndjson.gz");
  }
  if (found && !S_ISREG(there.st_mode)) {
    return Error(Errc::usage,
                 path +
                     " is a device or a pipe, which is not replaced; give - for stdout, as in "
                     "dump - >" +
                     path);
  }
  return found ? real : path;
}

// Rights of a listing: those of the file that it replaces, or those that `part` was made with.
mode_t listing_mode(const std::string& path, const DiskFile& part) {
  constexpr mode_t rights = 0777;
  struct stat found {};
  const bool there = ::stat(path.c_str(), &found) == 0;
  return there || ::fstat(part.descriptor(), &found) == 0 ? found.st_mode & rights : 0600;
}

// Who comes second would write into the file of the first.
Result<DiskFile> open_part(const std::string& path, Output::Kind kind) {
  const bool listing = kind == Output::Kind::listing;
  auto file = DiskFile::open(part_of(path), O_RDWR | O_CREAT | O_NOFOLLOW, listing ? 0666 : 0600);
  if (!file) return file;
  // One that was there already may be open to others.
  if (::fchmod(file->descriptor(), listing ? listing_mode(path, *file) : 0600) != 0) {
    return dump_error(Errc::usage, part_of(path), "belongs to somebody else", errno);
  }
  const bool locked = ::flock(file->descriptor(), LOCK_EX | LOCK_NB) == 0;
  if (!locked || !has_name(*file, part_of(path))) {
    return Error(Errc::busy, part_of(path) +
                                 ": another kinto-mirror writes this file; wait for its end, or "
                                 "give another name");
  }
  auto emptied = file->cut_back(0);
  if (!emptied) return emptied.error();
  return file;
}

}  // namespace

// A gzip member at a time.
struct Output::Deflater {
  Deflater() { begin(); }
  ~Deflater() { deflateEnd(&stream); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  void begin() {
    constexpr int with_gzip_header = MAX_WBITS + 16;
    constexpr int memory = 8;  // zlib's own default
    stream = z_stream{};
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, with_gzip_header, memory,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  void begin_anew() {
    deflateEnd(&stream);
    begin();
  }

  // Appends to `out`; after Z_FINISH the next member begins.
  void add(std::string_view bytes, int flush, std::string& out) {
    std::array<unsigned char, std::size_t{64} << 10U> piece{};
    // zlib's interface is older than const.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    do {
      stream.next_out = piece.data();
      stream.avail_out = static_cast<uInt>(piece.size());
      deflate(&stream, flush);
      out.append(reinterpret_cast<const char*>(piece.data()), piece.size() - stream.avail_out);
    } while (stream.avail_out == 0);
    if (flush == Z_FINISH) deflateReset(&stream);
  }

  z_stream stream{};
};

Result<std::unique_ptr<Output>> Output::open(const std::string& path, Kind kind) {
  const bool to_stdout = path == "-";
  auto real = to_stdout ? Result<std::string>(path) : meant_file(path);
  if (!real) return real.error();
  auto file = to_stdout ? DiskFile::temporary("stdout") : open_part(*real, kind);
  if (!file) return file.error();
  const bool gzip = kind == Kind::dump && path.ends_with(".gz");
  std::unique_ptr<Output> output(new Output(*real, std::move(*file), gzip));
  output->unnamed_ = to_stdout;
  return output;
}

Output::Output(std::string path, DiskFile file, bool gzip)
    : path_(std::move(path)), file_(std::move(file)) {
  if (gzip) deflater_ = std::make_unique<Deflater>();
}

Output::~Output() {
  if (!unnamed_ && !finished_) ::unlink(part_of(path_).c_str());
}

Result<void> Output::line(std::string_view text) {
  checksum_.add(text);
  checksum_.add("\n");
  waiting_ += text;
  waiting_ += '\n';
  ++lines_;
  if (waiting_.size() < enough_at_once) return success();
  return flush(Flush::none);
}

Result<void> Output::write(std::string_view bytes) {
  auto written = file_.write(bytes);
  if (!written) return written;
  file_bytes_ += bytes.size();
  return success();
}

// End: all that was written can be read from the file, and a new member of gzip begins behind it.
Result<void> Output::flush(Flush how) {
  Result<void> written = success();
  if (deflater_) {
    const int mode = how == Flush::none ? Z_NO_FLUSH : Z_FINISH;
    packed_.clear();
    deflater_->add(waiting_, mode, packed_);
    written = write(packed_);
  } else {
    written = write(waiting_);
  }
  waiting_.clear();
  return written;
}

Result<void> Output::mark() {
  auto flushed = flush(Flush::end);
  if (!flushed) return flushed;
  mark_.file_bytes = file_bytes_;
  mark_.lines = lines_;
  mark_.checksum = checksum_;
  return success();
}

Result<Lines> Output::since_mark() {
  auto flushed = flush(Flush::end);
  if (!flushed) return flushed.error();
  return Lines(file_, mark_.file_bytes, deflater_ != nullptr);
}

Result<void> Output::take_back() {
  waiting_.clear();
  if (deflater_) deflater_->begin_anew();
  auto cut = file_.cut_back(mark_.file_bytes);
  if (!cut) return cut;
  file_bytes_ = mark_.file_bytes;
  lines_ = mark_.lines;
  checksum_ = mark_.checksum;
  return success();
}

Result<void> Output::copy_to_stdout() {
  DiskFile out(::dup(STDOUT_FILENO), "stdout");
  std::string piece;
  for (std::uint64_t at = 0; at < file_bytes_; at += piece.size()) {
    piece.clear();
    const auto got = file_.read_at(at, enough_at_once, piece);
    if (!got) return got.error();
    if (*got == 0) break;
    auto written = out.write(piece);
    if (!written) return written;
  }
  return success();
}

Result<void> Output::finish() {
  auto flushed = flush(Flush::end);
  if (!flushed) return flushed;
  if (unnamed_) return copy_to_stdout();
  auto synced = file_.sync();
  if (!synced) return synced;
  if (::rename(part_of(path_).c_str(), path_.c_str()) != 0) {
    return dump_error(Errc::rejected, path_, "cannot be given its name", errno);
  }
  finished_ = true;
  // The name, too: the folder holds it.
  const std::size_t slash = path_.rfind('/');
  auto folder = DiskFile::open(slash == std::string::npos ? "." : path_.substr(0, slash + 1),
                               O_RDONLY | O_DIRECTORY);
  if (folder) (void)folder->sync();
  return success();
}

}  // namespace kinto_mirror::sync::dump
