// Reads what dump writes.

#include "sync/dump/checksum.hpp"
#include "sync/dump/format.hpp"
#include "sync/dump/lines.hpp"
#include "sync/dump/readers.hpp"

#include <limits>
#include <optional>
#include <utility>

namespace kinto_mirror::sync::dump {

namespace {

class Reader {
 public:
  explicit Reader(DiskFile file) : file_(std::move(file)), lines_(file_, 0, false) {}

  Result<Contents> run() {
    while (true) {
      auto line = lines_.next();
      if (!line) return line.error();
      if (!*line) break;
      if (totals_) return damaged(file_, "something follows its last line");
      if (!lines_.ended()) return cut();
      auto taken = take(**line);
      if (!taken) return at_line(taken.error());
      if (totals_) continue;
      checksum_.add(**line);
      checksum_.add("\n");
      ++seen_.lines;
    }
    if (!totals_) return cut();
    auto whole = compare();
    if (!whole) return whole.error();
    settle_containers();
    contents_.file = std::move(file_);
    return std::move(contents_);
  }

 private:
  [[nodiscard]] Error cut() const {
    return {Errc::unproven,
            file_.path() +
                " is cut: its last line, which tells counts and checksum, "
                "is missing behind " +
                std::to_string(seen_.lines) +
                " lines; nothing was written: copy the file whole, or make the dump "
                "anew"};
  }

  [[nodiscard]] Error at_line(const Error& cause) const {
    if (cause.code != Errc::unproven) return cause;
    return damaged(file_, "line " + std::to_string(seen_.lines + 1) + ": " + cause.message);
  }

  Result<void> take(std::string_view text) {
    const auto line = read_line(text);
    if (!line) return line.error();
    const bool first = seen_.lines == 0;
    if (first != (line->kind == LineKind::header)) return wrong("out of its place");
    const auto at = lines_.offset() + static_cast<std::uint64_t>(line->body.data() - text.data());
    switch (line->kind) {
      case LineKind::header:
        return take_header(line->body);
      case LineKind::container:
        return take_container(line->body, at);
      case LineKind::begin:
        return begin(line->body);
      case LineKind::record:
        return take_object(line->body, at, false);
      case LineKind::tombstone:
        return take_object(line->body, at, true);
      case LineKind::done:
        return done(line->body);
      case LineKind::end:
        break;
    }
    if (section_) return wrong("the end of the file within a section");
    auto totals = read_end(line->body);
    if (!totals) return totals.error();
    totals_ = std::move(*totals);
    return success();
  }

  static Error wrong(std::string what) { return {Errc::unproven, std::move(what)}; }

  Result<void> take_header(std::string_view line) {
    auto header = read_header(line);
    if (!header) return header.error();
    if (header->version != format_version) {
      return Error(Errc::usage, file_.path() + " is a dump of version " +
                                    std::to_string(header->version) +
                                    ", of a newer kinto-mirror: restore it with that one");
    }
    contents_.master = std::move(header->master);
    contents_.date = header->date;
    contents_.collections = std::move(header->collections);
    return success();
  }

  Result<void> take_container(std::string_view line, std::uint64_t at) {
    if (section_) return wrong("a container within a section");
    const auto read = read_container(line);
    if (!read) return read.error();
    const ContainerId& id = read->id;
    const std::string endpoint = endpoint_of(id);
    const std::string& name = id.kind == ContainerKind::bucket ? id.bucket : id.name;
    if (name.size() > Shelf::longest_id) return wrong("an id that is too long");
    const auto slice = [&](std::string_view part) {
      return Slice{at + static_cast<std::uint64_t>(part.data() - line.data()),
                   static_cast<std::uint32_t>(part.size())};
    };
    Item item;
    item.deleted = read->deleted;
    item.stamp = read->stamp;
    if (!item.deleted) {
      const auto object = read_object(read->data);
      if (!object) return object.error();
      if (object->id != name) return wrong("a container of another id than its data");
      item.stamp = object->stamp;
      item.raw = slice(read->data);
      item.marked = object->marked;
    }
    contents_.endpoints[endpoint].shelf.add(name, item);
    if (!read->permissions.empty()) {
      contents_.permissions[endpoint + "/" + name] = slice(read->permissions);
    }
    if (!item.deleted && id.kind == ContainerKind::bucket) {
      contents_.endpoints[Contents::of_groups(name)];
      contents_.endpoints[Contents::of_collections(name)];
    }
    ++seen_.containers;
    return success();
  }

  static std::string endpoint_of(const ContainerId& id) {
    switch (id.kind) {
      case ContainerKind::bucket:
        return "/buckets";
      case ContainerKind::group:
        return Contents::of_groups(id.bucket);
      case ContainerKind::collection:
        return Contents::of_collections(id.bucket);
    }
    return "/buckets";
  }

  Result<void> begin(std::string_view body) {
    if (section_) return wrong("a section within another");
    auto id = read_begin(body);
    if (!id) return id.error();
    const auto [place, fresh] = contents_.endpoints.try_emplace(Contents::of_records(*id));
    if (!fresh) return wrong("a collection that stands there twice: " + id->str());
    endpoint_ = &place->second;
    section_.emplace();
    section_->id = std::move(*id);
    return success();
  }

  Result<void> take_object(std::string_view body, std::uint64_t at, bool tombstone) {
    if (!section_) return wrong("a record outside of any section");
    const auto object = read_object(body);
    if (!object) return object.error();
    const bool too_long = object->id.size() > Shelf::longest_id ||
                          body.size() > std::numeric_limits<std::uint32_t>::max();
    if (too_long) return wrong("a record that is too long");
    Item item;
    item.stamp = object->stamp;
    item.raw = Slice{at, static_cast<std::uint32_t>(body.size())};
    item.deleted = tombstone;
    item.marked = object->marked && !tombstone;
    endpoint_->shelf.add(object->id, item);
    ++section_->lines;
    return success();
  }

  Result<void> done(std::string_view body) {
    if (!section_) return wrong("the end of a section that has not begun");
    const auto told = read_done(body);
    if (!told) return told.error();
    const auto twice = settle(*endpoint_, told->etag);
    if (twice) return wrong(section_->id.str() + " holds \"" + *twice + "\" twice at one stamp");
    const Shelf& shelf = endpoint_->shelf;
    const std::int64_t tombstones = static_cast<std::int64_t>(shelf.size()) - shelf.live();
    const bool right = told->id == section_->id && told->lines == section_->lines &&
                       told->records == shelf.live() && told->tombstones == tombstones;
    if (!right) return wrong(section_->id.str() + " is not as its counts say");
    seen_.records += told->records;
    seen_.tombstones += told->tombstones;
    ++seen_.sections;
    section_.reset();
    return success();
  }

  [[nodiscard]] Result<void> compare() const {
    const bool counts = totals_->lines == seen_.lines && totals_->sections == seen_.sections &&
                        totals_->containers == seen_.containers &&
                        totals_->records == seen_.records &&
                        totals_->tombstones == seen_.tombstones;
    if (!counts) return damaged(file_, "the counts of its last line are others than what it holds");
    if (totals_->sha256 != checksum_.hex()) {
      return damaged(file_, "its checksum is another one: some of it was changed");
    }
    return success();
  }

  void settle_containers() {
    contents_.endpoints["/buckets"];
    for (auto& [path, endpoint] : contents_.endpoints) {
      if (endpoint.etag == Stamp{}) (void)settle(endpoint, Stamp{});
    }
    contents_.records = seen_.records;
  }

  DiskFile file_;
  Lines lines_;
  Contents contents_;
  Checksum checksum_;
  Totals seen_;
  std::optional<Totals> totals_;
  std::optional<Section> section_;  // the one that is being read
  Endpoint* endpoint_ = nullptr;    // of that
};

}  // namespace

Result<Contents> read_dump(DiskFile file) {
  Reader reader(std::move(file));
  return reader.run();
}

}  // namespace kinto_mirror::sync::dump
