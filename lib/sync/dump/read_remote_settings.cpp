// Makes a dump of the records of one collection, as Remote Settings publishes them.

#include "base/json_slice.hpp"
#include "sync/dump/format.hpp"
#include "sync/dump/line_writer.hpp"
#include "sync/dump/mapped_file.hpp"
#include "sync/dump/readers.hpp"

#include <utility>

namespace kinto_mirror::sync::dump {

namespace {

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

Container empty_container(const std::string& name, Stamp stamp) {
  Container container;
  container.data =
      "{\"id\":" + json::quoted(name) + ",\"last_modified\":" + std::to_string(stamp.ms) + "}";
  return container;
}

// Of a record that is alive: Remote Settings publishes no others.
Result<std::string> name_of(std::string_view raw) {
  auto object = read_object(raw);
  if (!object) return object.error();
  const auto refused = [](std::string what) { return Error(Errc::unproven, std::move(what)); };
  if (object->tombstone) return refused("\"" + object->id + "\" is a deleted one");
  if (object->id.size() > Shelf::longest_id) return refused("an id that is too long");
  return std::move(object->id);
}

Result<void> write_records(const DiskFile& file, const Published& published, LineWriter& writer) {
  Shelf names;
  std::int64_t number = 0;
  json::ArrayReader reader(published.data);
  for (std::string_view raw; reader.next(raw);) {
    ++number;
    const auto fit = name_of(raw);
    if (!fit) {
      return damaged(file,
                     "record " + std::to_string(number) + " of `data`: " + fit.error().message);
    }
    names.add(*fit, Item());
    auto written = writer.record(raw);
    if (!written) return written;
  }
  const auto twice = names.settle();
  if (twice) return damaged(file, "`data` holds \"" + *twice + "\" twice");
  return success();
}

Result<void> make_dump(const DiskFile& file, const Published& published, const CollectionId& id,
                       DiskFile& to) {
  LineWriter writer(to);
  Header header;
  header.master = "file:" + file.path();
  header.date = published.timestamp;
  header.collections = {id.str()};
  auto written = writer.header(header);
  if (written) {
    written = writer.container(bucket_container(id.bucket),
                               empty_container(id.bucket, published.timestamp));
  }
  if (written) {
    written =
        writer.container(container_of(id), empty_container(id.collection, published.timestamp));
  }
  if (written) written = writer.begin(id);
  if (written) written = write_records(file, published, writer);
  if (written) written = writer.done(published.timestamp);
  if (written) written = writer.end();
  return written;
}

}  // namespace

Result<Contents> read_remote_settings(const DiskFile& file, const CollectionId& id) {
  const MappedFile mapped(file);
  const auto published = look_into(file, mapped.text());
  if (!published) return published.error();
  auto temporary = DiskFile::temporary(file.path());
  if (!temporary) return temporary.error();
  auto made = make_dump(file, *published, id, *temporary);
  if (!made) return made.error();
  auto contents = read_dump(std::move(*temporary));
  if (contents) contents->told = Told::nothing();
  return contents;
}

}  // namespace kinto_mirror::sync::dump
