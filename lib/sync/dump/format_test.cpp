#include "sync/dump/format.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace kinto_mirror::sync::dump {

namespace {

const CollectionId the_id("b", "c");

}  // namespace

TEST_CASE("each line is read as what it was made of") {
  Header header;
  header.master = "http://m/v1";
  header.date = Stamp{17};
  header.collections = {"a/*", "!a/tmp"};
  const std::string first = to_line(header);
  CHECK(
      first ==
      R"({"kinto-mirror-dump":1,"master":"http://m/v1","date":17,"collections":["a/*","!a/tmp"]})");
  REQUIRE(read_line(first).has_value());
  CHECK(read_line(first)->kind == LineKind::header);
  const auto read = read_header(first);
  REQUIRE(read.has_value());
  CHECK(read->master == header.master);
  CHECK(read->date == header.date);
  CHECK(read->collections == header.collections);

  const auto begin = read_line(begin_line(the_id));
  REQUIRE(begin.has_value());
  CHECK(begin->kind == LineKind::begin);
  CHECK(*read_begin(R"({"bucket":"b","collection":"c"})") == the_id);

  Section section;
  section.id = the_id;
  section.etag = Stamp{13};
  section.records = 2;
  section.tombstones = 1;
  section.lines = 4;
  const std::string done = to_line(section);
  const auto line = read_line(done);
  REQUIRE(line.has_value());
  CHECK(line->kind == LineKind::done);
  const auto told = read_done(line->body);
  REQUIRE(told.has_value());
  CHECK(to_line(*told) == done);

  Totals totals;
  totals.lines = 9;
  totals.records = 2;
  totals.sha256 = "00ff";
  const std::string last = to_line(totals);
  const auto end = read_line(last);
  REQUIRE(end.has_value());
  CHECK(end->kind == LineKind::end);
  CHECK(to_line(*read_end(end->body)) == last);
}

TEST_CASE("a record is the server's own bytes, on one line") {
  CHECK(object_line(false, R"({"id":"r","last_modified":1,"n":1.0})") ==
        R"({"record":{"id":"r","last_modified":1,"n":1.0}})");
  CHECK(object_line(true, "{\"id\":\"r\",\r\n\"last_modified\":1}") ==
        "{\"tombstone\":{\"id\":\"r\",  \"last_modified\":1}}");
}

TEST_CASE("a record that looks like another line stays a record") {
  const std::string line = object_line(false, R"({"end":{"lines":1},"id":"r","last_modified":5})");
  const auto read = read_line(line);
  REQUIRE(read.has_value());
  CHECK(read->kind == LineKind::record);
  const auto object = read_object(read->body);
  REQUIRE(object.has_value());
  CHECK(object->id == "r");
  CHECK(object->stamp == Stamp{5});
  CHECK(!object->marked);
  CHECK(read_object(R"({"deleted":false,"id":"a\nb","last_modified":-1})")->marked);
  CHECK(read_object(R"({"deleted":false,"id":"a\nb","last_modified":-1})")->id == "a\nb");
}

TEST_CASE("containers carry what the server showed of them") {
  Container container;
  container.data = R"({"id":"c","last_modified":4})";
  container.lists = Lists{{"read", {"system.Everyone"}}};
  const std::string line = to_line(container_of(the_id), container);
  CHECK(line == R"({"bucket":"b","collection":"c","data":{"id":"c","last_modified":4},)"
                R"("permissions":{"read":["system.Everyone"]}})");
  const auto read = read_container(line);
  REQUIRE(read.has_value());
  CHECK(read->id == container_of(the_id));
  CHECK(read->data == container.data);
  CHECK(read->permissions == R"({"read":["system.Everyone"]})");

  container.lists.reset();
  CHECK(to_line(bucket_container("b"), container).find("permissions") == std::string::npos);

  Container gone;
  gone.tombstone = true;
  gone.stamp = Stamp{9};
  const ContainerId group{ContainerKind::group, "b", "g"};
  const auto deleted = read_container(to_line(group, gone));
  REQUIRE(deleted.has_value());
  CHECK(deleted->id == group);
  CHECK(deleted->deleted);
  CHECK(deleted->stamp == Stamp{9});
}

TEST_CASE("what is no line of a dump is refused") {
  for (const char* const line : {"", "x", "[]", "{}", R"({"records":{}})",
                                 R"({"record":{"id":"r"},"more":1})", R"({"record":{"id":"r")"}) {
    CAPTURE(line);
    CHECK(read_line(line).has_error());
  }
  CHECK(read_header(R"({"kinto-mirror-dump":1,"date":5})").has_error());
  CHECK(read_header(R"({"kinto-mirror-dump":1,"master":"m","date":5,"collections":["b"]})")
            .has_error());
  CHECK(read_container(R"({"bucket":"b"})").has_error());
  CHECK(read_container(R"({"bucket":"b","deleted":true})").has_error());
  CHECK(read_begin(R"({"bucket":"b"})").has_error());
  CHECK(read_done(R"({"bucket":"b","collection":"c","records":1})").has_error());
  CHECK(read_end(R"({"lines":1,"containers":0,"sections":0,"records":0,"tombstones":0})")
            .has_error());
  CHECK(read_object(R"({"id":7,"last_modified":1})").has_error());
  CHECK(read_object(R"({"id":"r","last_modified":1.5})").has_error());
  CHECK(read_object(R"({"id":"r","last_modified":1,"id":"s"})").has_error());
  CHECK(read_object(R"({"id":"r","last_modified":1,"last_modified":2})").has_error());
  CHECK(read_object(R"({"id":"r","last_modified":1,"deleted":0,"deleted":1})").has_error());
  CHECK(read_object(R"({"id":"r","last_modified":1} )").has_value());
  CHECK(read_object(R"({"id":"r","last_modified":1}])").has_error());
}

TEST_CASE("what nobody could ask for by its name is no id, whatever has it") {
  struct Row {
    Error error;
    const char* says;
  };
  const std::vector<Row> rows{
      {read_object(R"({"id":"","last_modified":1})").error(), R"("" is no id)"},
      {read_object(R"({"id":"a\/b","last_modified":1})").error(), R"("a/b" is no id)"},
      {read_begin(R"({"bucket":"b","collection":""})").error(), R"("" is no id)"},
      {read_begin(R"({"bucket":"a/b","collection":"c"})").error(), R"("a/b" is no id)"},
      {read_container(R"({"bucket":"a/b","data":{}})").error(), R"("a/b" is no id)"},
      {read_container(R"({"bucket":"b","group":"g/h","data":{}})").error(), R"("g/h" is no id)"},
  };
  for (const Row& row : rows) {
    CHECK(row.error.code == Errc::unproven);
    CHECK(row.error.message == row.says);
  }
}

}  // namespace kinto_mirror::sync::dump
