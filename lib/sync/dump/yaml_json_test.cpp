#include "sync/dump/yaml_json.hpp"

#include "sync/dump/test_folder.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <string>
#include <vector>

namespace kinto_mirror::sync::dump {

namespace {

using test::Folder;

// The JSON, or the message of the refusal.
std::string converted(const std::string& yaml, const YamlBounds& bounds = {}) {
  const Folder folder;
  const auto from = DiskFile::open(folder.write("y", yaml), O_RDONLY);
  auto to = DiskFile::temporary("json");
  REQUIRE(from.has_value());
  REQUIRE(to.has_value());
  const auto done = yaml_to_json(*from, *to, bounds);
  if (!done) {
    CHECK(done.error().code == Errc::unproven);
    return done.error().message;
  }
  std::string json;
  REQUIRE(to->read_at(0, 1 << 20, json).has_value());
  return json;
}

struct Row {
  std::string yaml;
  const char* says;
};

}  // namespace

TEST_CASE("a document is the same in JSON") {
  const std::vector<Row> rows{
      {"a: 1\n", R"({"a":1})"},
      {"---\na: {}\nb: []\n...\n", R"({"a":{},"b":[]})"},
      {"# before\na:\n- 1\n- - x\n  - null\n- b: 'null'\n", R"({"a":[1,["x",null],{"b":"null"}]})"},
      {"a: \"\\u263a\\n\\0\"\n", "{\"a\":\"\xE2\x98\xBA\\u000a\\u0000\"}"},
      {"yes: no\n1: 2\n'': 3\n? \"a\\nb\"\n: 4\n", R"({"yes":"no","1":2,"":3,"a\u000ab":4})"},
      {"a: 'it''s\n  folded\n\n  twice'\n", R"({"a":"it's folded\u000atwice"})"},
      {"a: |\n  x\n   y\nb: >-\n  x\n  y\n", R"({"a":"x\u000a y\u000a","b":"x y"})"},
      {"'<<': 1\n", R"({"<<":1})"},
      {"a: ! '1'\n", R"({"a":"1"})"},
      {"a: &x {b: 1}\nc: *x\nd: [*x, &y 7, *y]\n",
       R"({"a":{"b":1},"c":{"b":1},"d":[{"b":1},7,7]})"},
      {"%YAML 1.2\n---\n- 1\n", "[1]"},
      {"a: 9007199254740993\nb: '9007199254740993'\n",
       R"({"a":9007199254740993,"b":"9007199254740993"})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.yaml);
    CHECK(converted(row.yaml) == row.says);
  }
}

TEST_CASE("a line break in quotes is the one that was written, of U+2028 too") {
  // ruamel.yaml writes a text that begins with U+2028 so: the blanks are indentation.
  CHECK(converted("a: '\xE2\x80\xA8   x'\n") == "{\"a\":\"\xE2\x80\xA8x\"}");
}

TEST_CASE("what is not accepted is refused with its place") {
  const std::vector<Row> rows{
      {"a: 1\nb: 2\na: 3\n", "line 3, column 1: the key \"a\" stands there twice"},
      {"a: {b: 1, 'b': 2}\n", "line 1, column 11: the key \"b\" stands there twice"},
      {"a: 1\n---\nb: 2\n", "line 2, column 1: a second document"},
      {"a: !!int 1\n", "line 1, column 4: the tag tag:yaml.org,2002:int is not accepted"},
      {"a: ! 1\n", "line 1, column 4: the tag ! is not accepted"},
      {"a: &x {b: 1}\nc:\n  <<: *x\n", "line 3, column 3: maps are not merged (<<)"},
      {"[a]: 1\n", "line 1, column 1: a key that is no text"},
      {"&x a: *x\n", "line 1, column 1: a key that is no text"},
      {"?\n: 1\n", "line 1, column 2: a key without text"},
      {"%YAML 1.1\n---\na: yes\n", "line 1, column 1: it says %YAML 1.1"},
      {"a: .inf\n", "line 1, column 4: .inf is no number that JSON has"},
      {"a: &x [*x]\n", "line 1, column 8: *x stands for nothing that is whole before it"},
      {"a: *y\n", "line 1, column 4: *y stands for nothing"},
      {"a: [1\n", "line 2, column 1: did not find expected ',' or ']'"},
      {"a: 1\n b\n  c: 2\n", "line 3, column 4: mapping values are not allowed in this context"},
      {"a: \xff\n", "byte 3: invalid leading UTF-8 octet"},
      {"a: 1", "it does not end in a line break, and so may have been cut"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.yaml);
    const std::string said = converted(row.yaml);
    CHECK_MESSAGE(said.starts_with(row.says), said);
  }
}

TEST_CASE("all that grows has a bound") {
  YamlBounds bounds;
  bounds.depth = 3;
  CHECK(converted("[[[1]]]\n", bounds) == "[[[1]]]");
  CHECK(
      converted("[[[[1]]]]\n", bounds).starts_with("line 1, column 4: more than 3 maps and lists"));
  // What an alias repeats is as deep as where it stands.
  CHECK(converted("a: &x [[1]]\nb: *x\n", bounds) == R"({"a":[[1]],"b":[[1]]})");
  CHECK(converted("a: &x [[1]]\nb: [*x]\n", bounds).starts_with("line 2, column 5: more than 3"));
  bounds = {};
  bounds.aliased = 20;
  CHECK(converted("a: &x [1,2,3,4]\nb: [*x, *x]\n", bounds).starts_with("{\"a\":[1"));
  CHECK(converted("a: &x [1,2,3,4]\nb: [*x, *x, *x]\n", bounds)
            .starts_with("line 2, column 13: too much is repeated by aliases (*x)"));
  bounds = {};
  bounds.anchored = 9;
  CHECK(converted("a: &x [1,2,3,4]\n", bounds).starts_with("{\"a\""));
  CHECK(converted("a: &x [1,2,3,4,5]\n", bounds).find("too much has an anchor (&x)") !=
        std::string::npos);
  bounds = {};
  bounds.file = 5;
  CHECK(converted("a: 1\n", bounds) == R"({"a":1})");
  CHECK(converted("a: 12\n", bounds).find("the bound for YAML") != std::string::npos);
}

}  // namespace kinto_mirror::sync::dump
