#include "sync/dump/wizard_file.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace kinto_mirror::sync::dump {

namespace {

WizardObject object_of(const char* id, const char* data, const char* permissions = "") {
  return {id, data, permissions};
}

}  // namespace

TEST_CASE("each part of a file is found, and what is absent is told") {
  const auto read = read_wizard_file(
      R"({"other":1,"buckets":{"b":{"collections":{"c":{"data":{"id":"c"},"records":{"r":{}}},)"
      R"("d":{"permissions":{}}},"groups":{"g":{"data":{"members":[]}}},"permissions":{"read":[]}},)"
      R"("e\u0066":{}}})");
  REQUIRE(read.has_value());
  REQUIRE(read->size() == 2);
  const WizardBucket& bucket = read->front();
  CHECK(bucket.self.id == "b");
  CHECK(bucket.self.data.empty());
  CHECK(bucket.self.permissions == R"({"read":[]})");
  CHECK(bucket.tells_groups);
  REQUIRE(bucket.groups.size() == 1);
  CHECK(bucket.groups[0].data == R"({"members":[]})");
  REQUIRE(bucket.collections.size() == 2);
  CHECK(bucket.collections[0].records == R"({"r":{}})");
  CHECK(bucket.collections[1].records.empty());
  CHECK(read->back().self.id == "ef");
  CHECK(!read->back().tells_groups);
}

TEST_CASE("what kinto-wizard does not write is refused with its place") {
  struct Row {
    const char* text;
    const char* says;
  };
  const std::vector<Row> rows{
      {"{}", "the file: has no member `buckets`"},
      {R"({"buckets":[]})", "buckets: holds no members"},
      {R"({"buckets":{"b":null}})", "b: holds no members"},
      {R"({"buckets":{"":{}}})", "buckets: \"\" is no id"},
      {R"({"buckets":{"b/c":{}}})", "buckets: \"b/c\" is no id"},
      {R"({"buckets":{"b":{"colections":{}}}})", "b: has a member `colections`, which no file"},
      {R"({"buckets":{"b":{"collections":null}}})", "b: holds no members"},
      {R"({"buckets":{"b":{"collections":{"c":{"records":[]}}}}})",
       "b/c: `records` holds no members"},
      {R"({"buckets":{"b":{"collections":{"c":{"record":{}}}}}})", "b/c: has a member `record`"},
      {R"({"buckets":{"b":{"groups":{"g":{"data":1}}}}})", "b/groups/g: `data` holds no members"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto read = read_wizard_file(row.text);
    REQUIRE(read.has_error());
    CHECK(read.error().code == Errc::unproven);
    CHECK_MESSAGE(read.error().message.starts_with(row.says), read.error().message);
  }
}

TEST_CASE("an object keeps its stamp, or gets one of its content") {
  WizardStamps stamps;
  const auto whole =
      listed(object_of("r", R"({"id":"r","last_modified":12,"n":1})"), "b/c/r", stamps);
  REQUIRE(whole.has_value());
  CHECK(whole->json == R"({"id":"r","last_modified":12,"n":1})");
  CHECK(whole->stamp == Stamp{12});
  CHECK(!whole->made);

  const auto bare = listed(object_of("r", R"({"n":1})"), "b/c/r", stamps);
  REQUIRE(bare.has_value());
  CHECK(bare->made);
  const std::string stamp = std::to_string(bare->stamp.ms);
  CHECK(bare->json == R"({"last_modified":)" + stamp + R"(,"id":"r","n":1})");
  CHECK(bare->stamp >= Stamp{std::int64_t{1} << 39});
  CHECK(bare->stamp < Stamp{(std::int64_t{1} << 40) + 1000});

  const auto empty = listed(object_of("r", ""), "b/c/r", stamps);
  REQUIRE(empty.has_value());
  CHECK(empty->json == R"({"last_modified":)" + std::to_string(empty->stamp.ms) + R"(,"id":"r"})");
}

TEST_CASE("the same content has the same stamp, other content another, and no two have one") {
  WizardStamps once;
  WizardStamps again;
  CHECK(once.of("a") == again.of("a"));
  CHECK(once.of("b") == again.of("b"));
  CHECK(once.of("c") != again.of("d"));
  const Stamp first = again.of("e");
  CHECK(again.of("e") == Stamp{first.ms + 1});
}

TEST_CASE("another id and a stamp that is none are refused") {
  WizardStamps stamps;
  CHECK(listed(object_of("r", R"({"id":"s"})"), "b/c/r", stamps).error().message ==
        "b/c/r: its data have the id \"s\"");
  CHECK(listed(object_of("r", R"({"last_modified":"12"})"), "b/c/r", stamps).error().message ==
        "b/c/r: its last_modified is no integer: \"12\"");
}

TEST_CASE("rights that are empty or absent are not shown, and what is no list is refused") {
  CHECK(!lists_of(object_of("c", ""), "b/c")->has_value());
  CHECK(!lists_of(object_of("c", "", "{}"), "b/c")->has_value());
  const auto lists = lists_of(object_of("c", "", R"({"read":["a"]})"), "b/c");
  REQUIRE(lists.has_value());
  CHECK((*lists)->at("read").contains("a"));
  CHECK(lists_of(object_of("c", "", R"({"read":"a"})"), "b/c").error().message ==
        "b/c: its permissions are no lists of principals");
}

}  // namespace kinto_mirror::sync::dump
