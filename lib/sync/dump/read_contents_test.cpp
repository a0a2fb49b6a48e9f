#include "sync/dump/contents.hpp"
#include "sync/dump/test_folder.hpp"
#include "sync/dump/test_text.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace kinto_mirror::sync::dump {

namespace {

using test::Folder;

using test::dump_of;
using test::header;
using test::the_lines;
using test::the_totals;

std::string refusal(const Folder& folder, const std::string& text) {
  const auto read = read_contents(folder.write("d", text), CollectionId("m", "r"));
  REQUIRE(read.has_error());
  CHECK(read.error().code == Errc::unproven);
  return read.error().message;
}

bool says(const std::string& text, std::string_view part) {
  CAPTURE(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a whole dump is read") {
  const Folder folder;
  const auto read = read_contents(folder.write("d", dump_of(the_lines(), the_totals())), {});
  REQUIRE(read.has_value());
  CHECK(read->master == "http://m/v1");
  CHECK(read->date == Stamp{100000});
  CHECK(read->collections == std::vector<std::string>{"b/*"});
  CHECK(read->told.metadata);
  CHECK(read->told.deletions);
  CHECK(read->records == 1);
  const Endpoint& records = read->endpoints.at("/buckets/b/collections/c/records");
  CHECK(records.etag == Stamp{13});
  REQUIRE(records.shelf.size() == 2);
  CHECK(records.shelf.id(1) == "s");
  CHECK(records.shelf.item(1).deleted);
  std::string raw;
  const Slice& slice = records.shelf.item(0).raw;
  CHECK(read->file.read_at(slice.offset, slice.size, raw).has_value());
  CHECK(raw == R"({"id":"r","last_modified":10,"n":1})");
  CHECK(read->endpoints.at("/buckets").shelf.live() == 1);
  CHECK(read->endpoints.at("/buckets/b/groups").shelf.size() == 0);
  CHECK(read->endpoints.at("/buckets/b/collections").shelf.size() == 2);
  CHECK(read->permissions.contains("/buckets/b"));
  CHECK(!read->permissions.contains("/buckets/b/collections/c"));
}

TEST_CASE("wherever a dump is cut, it is refused") {
  const Folder folder;
  const std::string whole = dump_of(the_lines(), the_totals());
  for (std::size_t size = header.size(); size < whole.size(); size += 7) {
    CAPTURE(size);
    CHECK(says(refusal(folder, whole.substr(0, size)), "is cut"));
  }
  CHECK(says(refusal(folder, whole.substr(0, whole.size() - 1)), "is cut"));
}

TEST_CASE("what was changed, or does not fit together, is refused") {
  const Folder folder;
  std::string whole = dump_of(the_lines(), the_totals());
  CHECK(says(refusal(folder, whole + header + "\n"), "something follows"));
  whole[whole.find("\"n\":1") + 4] = '2';
  CHECK(says(refusal(folder, whole), "checksum"));

  Totals totals = the_totals();
  totals.records = 2;
  CHECK(says(refusal(folder, dump_of(the_lines(), totals)), "counts"));

  struct Row {
    std::size_t place;
    std::string line;
    const char* message;
  };
  const std::vector<Row> rows{
      {5, "{}", "line 6: a line that no dump has"},
      {5, header, "out of its place"},
      {4, the_lines()[5], "a record outside of any section"},
      {6, the_lines()[4], "a section within another"},
      {6, the_lines()[2], "a container within a section"},
      {6, the_lines()[5], R"(b/c holds "r" twice at one stamp)"},
      {8,
       R"({"done":{"bucket":"b","collection":"c","etag":13,"records":2,"tombstones":1,"lines":3}})",
       "b/c is not as its counts say"},
      {1, R"({"bucket":"b","data":{"id":"x","last_modified":1}})", "of another id"},
  };
  for (const Row& row : rows) {
    std::vector<std::string> lines = the_lines();
    lines[row.place] = row.line;
    CHECK(says(refusal(folder, dump_of(lines, the_totals())), row.message));
  }
}

TEST_CASE("a dump of a later kind is left to the program that made it") {
  const Folder folder;
  std::vector<std::string> lines = the_lines();
  lines[0] = R"({"kinto-mirror-dump":2,"master":"http://m/v1","date":100,"collections":[]})";
  const auto read = read_contents(folder.write("d", dump_of(lines, the_totals())), {});
  REQUIRE(read.has_error());
  CHECK(read.error().code == Errc::usage);
  CHECK(says(read.error().message, "newer kinto-mirror"));
}

TEST_CASE("a file of Remote Settings is the records of the collection that is named") {
  const Folder folder;
  const std::string path = folder.write("r.json", R"( {
    "data": [ {"id": "a", "last_modified": 5,
               "deleted": false}, {"id": "b", "last_modified": 4, "n": 949.3012028926441} ],
    "timestamp": 7 })");
  const auto unnamed = read_contents(path, {});
  REQUIRE(unnamed.has_error());
  CHECK(unnamed.error().code == Errc::usage);
  CHECK(says(unnamed.error().message, "--collections BUCKET/COLLECTION"));
  const auto read = read_contents(path, CollectionId("main", "x"));
  REQUIRE(read.has_value());
  CHECK(!read->told.metadata);
  CHECK(!read->told.permissions);
  CHECK(read->collections == std::vector<std::string>{"main/x"});
  const Endpoint& records = read->endpoints.at("/buckets/main/collections/x/records");
  CHECK(records.etag == Stamp{7});
  CHECK(records.shelf.live() == 2);
  CHECK(records.shelf.item(1).marked);
  CHECK(read->endpoints.at("/buckets").shelf.live() == 1);
}

TEST_CASE("records that no collection can hold are refused by their place in the file") {
  const Folder folder;
  const auto published = [](const std::string& records) {
    return R"({"data":[{"id":"a","last_modified":1},)" + records + R"(],"timestamp":5})";
  };
  struct Row {
    const char* records;
    const char* says;
  };
  const std::vector<Row> rows{
      {R"({"id":"","last_modified":2})", R"(record 2 of `data`: "" is no id)"},
      {R"({"id":"b","last_modified":2},{"id":"c/d","last_modified":3})",
       R"(record 3 of `data`: "c/d" is no id)"},
      {R"({"id":"b","last_modified":2,"deleted":true})",
       R"(record 2 of `data`: "b" is a deleted one)"},
      {R"({"id":"b","last_modified":2},{"id":"a","last_modified":3})", R"(`data` holds "a" twice)"},
      {R"({"id":"a","last_modified":1})", R"(`data` holds "a" twice)"},
  };
  for (const Row& row : rows) CHECK(says(refusal(folder, published(row.records)), row.says));

  std::vector<std::string> lines = the_lines();
  lines[5] = R"({"record":{"id":"","last_modified":10,"n":1}})";
  CHECK(says(refusal(folder, dump_of(lines, the_totals())), R"(line 6: "" is no id)"));
  lines[5] = R"({"record":{"id":"s","last_modified":11,"n":1}})";
  CHECK(says(refusal(folder, dump_of(lines, the_totals())), R"(b/c holds "s" twice at one stamp)"));
}

TEST_CASE("what is no file that can be restored is told so") {
  const Folder folder;
  CHECK(says(refusal(folder, "hello: 1\n"), "is no dump: accepted are"));
  CHECK(says(refusal(folder, R"({"data":[]})"), "beside a `timestamp`"));
  CHECK(says(refusal(folder, R"({"data":{},"timestamp":5})"), "list `data`"));
  CHECK(says(refusal(folder, R"({"data":[{"id":"a"}],"timestamp":5})"), "record 1 of `data`"));
  CHECK(says(refusal(folder, R"({"data":[{"id":"a","last_modified":1}],"timest)"), "it is cut"));
  CHECK(says(refusal(folder, ""), "is no dump"));
  CHECK(read_contents(folder.path("none"), {}).error().code == Errc::usage);
}

}  // namespace kinto_mirror::sync::dump
