#include "kinto/page.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace kinto_mirror::kinto {

TEST_CASE("a page is cut into its objects, each with the server's own bytes") {
  const auto page = parse_page(
      R"({"data": [ {"id":"a","last_modified":12,"n":1.0} ,{"last_modified":13,"id":"b"}]})");
  REQUIRE(page.has_value());
  REQUIRE(page->entries.size() == 2);
  CHECK(page->entries[0].id == "a");
  CHECK(page->entries[0].stamp == Stamp{12});
  CHECK(page->entries[0].raw == R"({"id":"a","last_modified":12,"n":1.0})");
  CHECK(page->entries[1].id == "b");
  CHECK(page->entries[1].stamp == Stamp{13});
  CHECK(page->entries[1].raw == R"({"last_modified":13,"id":"b"})");
}

TEST_CASE("the bytes stay where they are when the page moves") {
  std::vector<Page> pages;
  for (int i = 0; i < 10; ++i) {
    auto page = parse_page(R"({"data":[{"id":"x","last_modified":1}]})");
    REQUIRE(page.has_value());
    pages.push_back(std::move(*page));
  }
  for (const Page& page : pages) {
    CHECK(page.entries.front().raw == R"({"id":"x","last_modified":1})");
    CHECK(page.bytes() == 39);
  }
}

TEST_CASE("an empty page is a page") {
  const auto page = parse_page(" {\"data\":[ ]}\n");
  REQUIRE(page.has_value());
  CHECK(page->entries.empty());
}

TEST_CASE("what a page does not need is ignored, and ids are unescaped") {
  const auto page = parse_page(
      R"({"metadata":{"data":7},"data":[{"id":"a\n","last_modified":1}],"timestamp":3})");
  REQUIRE(page.has_value());
  CHECK(page->entries.front().id == "a\n");
}

TEST_CASE("a tombstone is told from a record with a field deleted of its own") {
  struct Case {
    std::string members;
    bool deleted;
    bool others;
  };
  const std::vector<Case> cases{
      {R"("deleted":true)", true, false},
      {R"("deleted":true,"title":"x")", true, true},
      {R"("title":"x","deleted":true)", true, true},
      {R"("deleted":false)", false, true},
      {R"("deleted":"true")", false, true},
      {R"("deleted":1)", false, true},
      {R"("nested":{"deleted":true})", false, true},
  };
  for (const Case& c : cases) {
    CAPTURE(c.members);
    const auto page =
        parse_page(R"({"data":[{"id":"a","last_modified":1,)" + std::string(c.members) + "}]}");
    REQUIRE(page.has_value());
    CHECK(page->entries.front().deleted == c.deleted);
    CHECK(page->entries.front().has_other_members == c.others);
  }
}

TEST_CASE("a page that is partly wrong is no page") {
  for (const std::string body : {
           R"()",
           R"([])",
           R"({})",
           R"({"data":{}})",
           R"({"data":null})",
           R"({"data":[{"id":"a","last_modified":1}]} x)",
           R"({"data":[{"id":"a","last_modified":1})",
           R"({"data":[{"id":"a","last_modified":1)",
           R"({"data":[{"id":"a","last_modified":1},]})",
           R"({"data":[1]})",
           R"({"data":[{"id":"a","last_modified":1},{"id":"b"}]})",
           R"({"data":[{"last_modified":1}]})",
           R"({"data":[{"id":7,"last_modified":1}]})",
           R"({"data":[{"id":"a","last_modified":"1"}]})",
           R"({"data":[{"id":"a","last_modified":1.5}]})",
           R"({"data":[{"id":"a","last_modified":null}]})",
           R"({"data":[{"id":"a","last_modified":99999999999999999999}]})",
           R"(<html>{"data":[]}</html>)",
       }) {
    CAPTURE(body);
    const auto page = parse_page(body);
    REQUIRE(page.has_error());
    CHECK(page.error().code == Errc::not_kinto);
  }
}

TEST_CASE("what other readers would read otherwise is refused") {
  struct Case {
    std::string members;
    std::string why;
  };
  const std::vector<Case> cases{
      {R"("id":"a","last_modified":1,"id":"b")", "has its id twice"},
      {R"("id":"a","last_modified":1,"id":"a")", "has its id twice"},
      {R"("id":"a","last_modified":1,"x":{},"last_modified":2)", "has its last_modified twice"},
      {R"("id":"a","last_modified":1,"deleted":true,"deleted":false)", "has its deleted twice"},
      {R"("id":"a","last_modified":1,"\u0069d":"b")", "by an escape"},
      {R"("id":"a","last_modified":1,"last\u005fmodified":2)", "by an escape"},
      {R"("id":"a","last_modified":1,"d\u0065leted":true)", "by an escape"},
      {R"("id":"a","last_modified":01)", "malformed"},
      {R"("id":"a","last_modified":1,"n":007)", "malformed"},
      {R"("id":"a","last_modified":-01)", "malformed"},
      {"\"id\":\"a\",\"last_modified\":1,\"t\":\"\xFF\"", "malformed"},
      {"\"id\":\"\xC0\xAF\",\"last_modified\":1", "malformed"},
      {"\"id\":\"a\",\"last_modified\":1,\"\xED\xA0\x80\":2", "malformed"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.members);
    for (const auto& page : {parse_page(R"({"data":[{)" + c.members + "}]}"),
                             parse_object(R"({"data":{)" + c.members + "}}")}) {
      REQUIRE(page.has_error());
      CHECK(page.error().code == Errc::not_kinto);
      CHECK(page.error().message.find(c.why) != std::string::npos);
    }
  }
  // Within a member of the record's own all that is its own affair.
  CHECK(parse_page(R"({"data":[{"id":"a","last_modified":1,"x":{"id":1,"id":2,"\u0069d":3}}]})")
            .has_value());
}

TEST_CASE("a body with two lists is no page") {
  for (const std::string body : {R"({"data":[],"data":[]})", R"({"data":[],"d\u0061ta":[]})",
                                 R"({"\u0064ata":[]})", R"({"data":{},"data":[]})"}) {
    CAPTURE(body);
    REQUIRE(parse_page(body).has_error());
    CHECK(parse_page(body).error().code == Errc::not_kinto);
  }
}

TEST_CASE("one object is a page of one") {
  const auto page =
      parse_object(R"({"permissions":{},"data":{"id":"c","last_modified":9,"s":{}}})");
  REQUIRE(page.has_value());
  REQUIRE(page->entries.size() == 1);
  CHECK(page->entries[0].raw == R"({"id":"c","last_modified":9,"s":{}})");
  for (const std::string body : {R"({"data":[]})", R"({"data":{"id":"c"}})", R"({"data":{)"}) {
    CAPTURE(body);
    const auto wrong = parse_object(body);
    REQUIRE(wrong.has_error());
    CHECK(wrong.error().code == Errc::not_kinto);
  }
}

TEST_CASE("another stamp leaves every other byte alone") {
  struct Case {
    std::string before;
    std::string after;
  };
  const std::vector<Case> cases{
      {R"({"id":"a","last_modified":1})", R"({"id":"a","last_modified":1795492095931})"},
      {R"({ "last_modified" :	12345678901234 , "n" : 1.0 })",
       R"({ "last_modified" :	1795492095931 , "n" : 1.0 })"},
      {R"({"n":1e22,"m":-0.0,"last_modified":5,"k":949.3012028926441,"l":1.10})",
       R"({"n":1e22,"m":-0.0,"last_modified":1795492095931,"k":949.3012028926441,"l":1.10})"},
      {R"({"x":{"last_modified":3},"y":"\"last_modified\":4","last_modified":5})",
       R"({"x":{"last_modified":3},"y":"\"last_modified\":4","last_modified":1795492095931})"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.before);
    CHECK(with_stamp(c.before, Stamp{1795492095931}) == c.after);
  }
}

TEST_CASE("an ETag tells its stamp, however it was rewritten on its way") {
  for (const std::string text :
       {"\"1795492095931\"", "W/\"1795492095931\"", "w/\"1795492095931\"", " \"1795492095931\"\t",
        "\"1795492095931-gzip\"", "W/\"1795492095931-gzip\"", "\"1795492095931;gzip\"",
        "\"1795492095931--gzip\"", "\"1795492095931-br\"", "\"1795492095931:deflate\""}) {
    CAPTURE(text);
    CHECK(parse_etag(text) == Stamp{1795492095931});
  }
  CHECK(parse_etag("\"0\"") == Stamp{0});
  CHECK(parse_etag("\"-5\"") == Stamp{-5});
  for (const std::string text : {"",
                                 "\"\"",
                                 "\"",
                                 "12",
                                 "\"12",
                                 "12\"",
                                 "\"a\"",
                                 "\"1.5\"",
                                 "\"12 \"",
                                 "*",
                                 "W/",
                                 "W/\"\"",
                                 "W/12",
                                 "W/\"a\"",
                                 "\"12-\"",
                                 "\"12-5\"",
                                 "\"12gzip\"",
                                 "\"-gzip\"",
                                 "\"12---gzip\"",
                                 "\"12-gzip5\"",
                                 "\"99999999999999999999\""}) {
    CAPTURE(text);
    CHECK_FALSE(parse_etag(text));
  }
}

TEST_CASE("of a Next-Page only the token is taken, still encoded") {
  struct Case {
    std::string url;
    std::string token;
  };
  const std::vector<Case> cases{
      {"http://h/v1/buckets?_token=abc", "abc"},
      {"https://evil.example:9/other?_limit=5&_token=a%3D%3D&_sort=-x", "a%3D%3D"},
      {"/v1/x?_since=5&_token=z", "z"},
      {"http://h/x?my_token=no&_token=yes", "yes"},
      {"http://h/x?_token=&_token=second", "second"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.url);
    CHECK(token_of(c.url) == c.token);
  }
  for (const std::string url :
       {"", "http://h/_token=abc", "http://h/?", "http://h/?_limit=5",
        "http://h/?_token=", "http://h/?x=_token=abc", "http://h/?_token"}) {
    CAPTURE(url);
    CHECK_FALSE(token_of(url));
  }
}

}  // namespace kinto_mirror::kinto
