#include "daemon/dump_report.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

namespace {

Result<sync::dump::Dumped> some() {
  sync::dump::Dumped made;
  made.header.master = "http://m/v1";
  made.header.date = Stamp{17};
  sync::dump::Section section;
  section.id = CollectionId("b", "c");
  section.records = 3;
  section.tombstones = 1;
  section.etag = Stamp{9};
  made.sections.push_back(section);
  made.buckets = made.collections = 1;
  made.totals.records = 3;
  made.totals.sha256 = "00ff";
  return made;
}

}  // namespace

TEST_CASE("a dump says what it holds") {
  CHECK(dump_json("d.gz", some(), 123) ==
        R"({"dumped":true,"file":"d.gz","bytes":123,"sha256":"00ff","master":"http://m/v1",)"
        R"("date":17,"containers":{"buckets":1,"groups":0,"collections":1},)"
        R"("collections":[{"id":"b/c","records":3,"tombstones":1,"etag":9}]})"
        "\n");
  const std::string text = dump_text("d.gz", some(), 123);
  CHECK(text.find("b/c") != std::string::npos);
  CHECK(text.find("3 records, 1 tombstones") != std::string::npos);
  CHECK(text.find("d.gz: 123 bytes, 3 records\n") != std::string::npos);
}

TEST_CASE("a dump that failed says why") {
  const Result<sync::dump::Dumped> failed = Error(Errc::unproven, "it\nmoved");
  CHECK(dump_json("d", failed, 0) ==
        R"({"dumped":false,"file":"d","error":{"kind":"unproven","message":"it\nmoved"}})"
        "\n");
  CHECK(dump_text("d", failed, 0) == "no dump: it\\nmoved\n");
}

}  // namespace kinto_mirror::daemon
