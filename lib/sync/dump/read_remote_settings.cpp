// Makes a dump of the records of one collection, as Remote Settings publishes them.

#include "base/json_slice.hpp"
#include "sync/dump/checksum.hpp"
#include "sync/dump/format.hpp"
#include "sync/dump/readers.hpp"

#include <sys/mman.h>
#include <sys/stat.h>
#include <utility>

namespace kinto_mirror::sync::dump {

namespace {

constexpr std::size_t enough_at_once = std::size_t{1} << 20U;

// The bytes of a file, without a copy of them.
class Mapped {
 public:
  explicit Mapped(const DiskFile& file) {
    struct stat found {};
    if (::fstat(file.descriptor(), &found) != 0 || found.st_size == 0) return;
    size_ = static_cast<std::size_t>(found.st_size);
    bytes_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.descriptor(), 0);
    if (bytes_ == MAP_FAILED) bytes_ = nullptr;
  }
  ~Mapped() {
    if (bytes_ != nullptr) ::munmap(bytes_, size_);
  }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;

  [[nodiscard]] std::string_view text() const noexcept {
    if (bytes_ == nullptr) return {};
    return {static_cast<const char*>(bytes_), size_};
  }

 private:
  void* bytes_ = nullptr;
  std::size_t size_ = 0;
};

// What the file says, before any of it is written.
struct Published {
  Stamp timestamp;
  std::string_view data;  // an array
};

Error no_such_file(const DiskFile& file) {
  return {Errc::unproven, file.path() +
                              " is no file that can be restored: it has no list `data` beside a "
                              "`timestamp` in milliseconds, as Remote Settings publishes them"};
}

Result<Published> look_into(const DiskFile& file, std::string_view text) {
  Published found;
  json::ObjectReader reader(text);
  for (json::Member member; reader.next(member);) {
    if (member.key == "data") found.data = member.value;
    if (member.key == "timestamp") found.timestamp.ms = json::to_int(member.value).value_or(0);
  }
  if (!reader.ok()) return damaged(file, "it is cut, or no JSON");
  if (!json::whole_value(text)) {
    return damaged(file, "something follows behind its last bracket");
  }
  if (!found.data.starts_with('[') || found.timestamp.ms <= 0) return no_such_file(file);
  return found;
}

// Writes the lines of a dump, and its last one.
class Writer {
 public:
  explicit Writer(DiskFile& to) : to_(to) {}

  Result<void> line(std::string_view text) {
    checksum_.add(text);
    checksum_.add("\n");
    waiting_ += text;
    waiting_ += '\n';
    ++totals_.lines;
    return waiting_.size() < enough_at_once ? success() : flush();
  }

  Result<void> container(const ContainerId& id, Stamp stamp) {
    Container container;
    const std::string& name = id.kind == ContainerKind::bucket ? id.bucket : id.name;
    container.data =
        "{\"id\":" + json::quoted(name) + ",\"last_modified\":" + std::to_string(stamp.ms) + "}";
    ++totals_.containers;
    return line(to_line(id, container));
  }

  Result<void> end(std::int64_t records) {
    totals_.sections = 1;
    totals_.records = records;
    totals_.sha256 = checksum_.hex();
    waiting_ += to_line(totals_) + "\n";
    return flush();
  }

 private:
  Result<void> flush() {
    auto written = to_.write(waiting_);
    waiting_.clear();
    return written;
  }

  DiskFile& to_;
  std::string waiting_;
  Checksum checksum_;
  Totals totals_;
};

Result<void> write_records(const DiskFile& file, const Published& published, Section& section,
                           Writer& writer) {
  json::ArrayReader reader(published.data);
  for (std::string_view raw; reader.next(raw);) {
    ++section.records;
    const auto object = read_object(raw);
    if (!object) {
      return damaged(file, "record " + std::to_string(section.records) +
                               " of `data`: " + object.error().message);
    }
    auto written = writer.line(object_line(false, raw));
    if (!written) return written;
  }
  section.lines = section.records;
  return success();
}

Result<void> make_dump(const DiskFile& file, const Published& published, const CollectionId& id,
                       DiskFile& to) {
  Writer writer(to);
  Header header;
  header.master = "file:" + file.path();
  header.date = published.timestamp;
  header.collections = {id.str()};
  auto written = writer.line(to_line(header));
  for (const ContainerId& one : {bucket_container(id.bucket), container_of(id)}) {
    if (written) written = writer.container(one, published.timestamp);
  }
  if (written) written = writer.line(begin_line(id));
  Section section;
  section.id = id;
  section.etag = published.timestamp;
  if (written) written = write_records(file, published, section, writer);
  if (written) written = writer.line(to_line(section));
  if (written) written = writer.end(section.records);
  return written;
}

}  // namespace

Result<Contents> read_remote_settings(const DiskFile& file, const CollectionId& id) {
  const Mapped mapped(file);
  const auto published = look_into(file, mapped.text());
  if (!published) return published.error();
  auto temporary = DiskFile::temporary(file.path());
  if (!temporary) return temporary.error();
  auto made = make_dump(file, *published, id, *temporary);
  if (!made) return made.error();
  auto contents = read_dump(std::move(*temporary));
  if (contents) contents->tells_containers = false;
  return contents;
}

}  // namespace kinto_mirror::sync::dump
