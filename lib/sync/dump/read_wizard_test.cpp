#include "sync/dump/contents.hpp"
#include "sync/dump/test_folder.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace kinto_mirror::sync::dump {

namespace {

using test::Folder;

Result<Contents> read(const Folder& folder, const std::string& yaml) {
  return read_contents(folder.write("w.yaml", yaml), {});
}

std::string body(const Contents& contents, const std::string& endpoint, std::size_t place) {
  std::string raw;
  const Slice& slice = contents.endpoints.at(endpoint).shelf.item(place).raw;
  CHECK(contents.file.read_at(slice.offset, slice.size, raw).has_value());
  return raw;
}

constexpr const char* whole = R"(buckets:
  b:
    collections:
      c:
        permissions:
          read:
          - system.Everyone
        data:
          title: yes
          id: c
          last_modified: 20
        records:
          r:
            data:
              n: 9007199254740993
              id: r
              last_modified: 12
            permissions: {}
          '1':
            data:
              s: '1'
              id: '1'
              last_modified: 11
            permissions: {}
    groups:
      g:
        permissions: {}
        data:
          members: []
          id: g
          last_modified: 5
    permissions:
      write:
      - u
    data:
      id: b
      last_modified: 3
)";

}  // namespace

TEST_CASE("a file of kinto-wizard is read as the dump of a server") {
  const Folder folder;
  const auto contents = read(folder, whole);
  REQUIRE(contents.has_value());
  CHECK(contents->master == "file:" + folder.path("w.yaml"));
  CHECK(contents->collections == std::vector<std::string>{"b/c"});
  CHECK(contents->date == Stamp{12});
  CHECK(contents->records == 2);
  CHECK(contents->told.metadata);
  CHECK(contents->told.groups);
  CHECK(contents->told.permissions);
  CHECK(!contents->told.deletions);
  CHECK(contents->notices.empty());
  const std::string records = "/buckets/b/collections/c/records";
  CHECK(contents->endpoints.at(records).etag == Stamp{12});
  CHECK(body(*contents, records, 0) == R"({"s":"1","id":"1","last_modified":11})");
  CHECK(body(*contents, records, 1) == R"({"n":9007199254740993,"id":"r","last_modified":12})");
  CHECK(body(*contents, "/buckets/b/collections", 0) ==
        R"({"title":"yes","id":"c","last_modified":20})");
  CHECK(contents->permissions.contains("/buckets/b"));
  CHECK(contents->permissions.contains("/buckets/b/collections/c"));
  CHECK(!contents->permissions.contains("/buckets/b/groups/g"));
}

TEST_CASE("what the file does not tell is known") {
  const Folder folder;
  const auto bare = read(folder, R"(# by hand
buckets:
  b:
    collections:
      c: {records: {r: {data: {n: 1}, permissions: {read: [u]}}}}
      d: {data: {id: d, last_modified: 7}}
  kinto-mirror:
    collections:
      checkpoints: {records: {}}
)");
  REQUIRE(bare.has_value());
  CHECK(bare->collections == std::vector<std::string>{"b/c"});
  CHECK(!bare->told.metadata);
  CHECK(!bare->told.groups);
  CHECK(!bare->told.permissions);
  CHECK(
      bare->notices ==
      std::vector<std::string>{
          "b/d is left out: the file was made without its records",
          "1 object has no last_modified in the file, and a stamp that is made of the content",
          "the rights of 1 record are not restored: kinto-mirror copies those of containers only"});
  CHECK(!bare->endpoints.contains("/buckets/b/collections/d/records"));
  CHECK(bare->endpoints.at("/buckets").shelf.size() == 1);
}

TEST_CASE("the same file is the same dump at any time") {
  const Folder folder;
  const std::string yaml =
      "buckets:\n  b:\n    collections:\n      c:\n        records:\n"
      "          r: {data: {n: 1}}\n          s: {}\n";
  const auto once = read(folder, yaml);
  const auto again = read(folder, yaml);
  REQUIRE(once.has_value());
  REQUIRE(again.has_value());
  const std::string records = "/buckets/b/collections/c/records";
  for (std::size_t place = 0; place < 2; ++place)
    CHECK(body(*once, records, place) == body(*again, records, place));
  CHECK(once->date == again->date);
}

TEST_CASE("what cannot be restored is refused with its place") {
  const Folder folder;
  struct Row {
    std::string yaml;
    const char* says;
  };
  const std::string text = whole;
  const std::vector<Row> rows{
      {text.substr(0, text.size() - 1), "does not end in a line break"},
      {text.substr(0, text.find("              n:") + 15) + "\n",
       "as YAML of kinto-wizard: b/c/r: `data` holds no members"},
      {text.substr(0, text.find("permissions: {}") + 11) + "\n",
       "column 1: could not find expected ':'"},
      {text + "    data: {}\n", "stands there twice"},
      {"buckets:\n  b: {}\n", "holds no records: make it anew with `kinto-wizard dump"},
      {"buckets:\n  b: {collections: {c: {}}}\n", "holds no records"},
      {"buckets:\n  b: {collections: {c: {records: {r: {data: {id: s}}}}}}\n",
       "b/c/r: its data have the id \"s\""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.yaml);
    const auto refused = read(folder, row.yaml);
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == Errc::unproven);
    CHECK_MESSAGE(refused.error().message.find(row.says) != std::string::npos,
                  refused.error().message);
  }
}

}  // namespace kinto_mirror::sync::dump
