#include "selftest/contents.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::selftest {

namespace {

Stored stored(std::int64_t stamp, const char* body) {
  Stored out;
  out.stamp = Stamp{stamp};
  out.body = body;
  return out;
}

}  // namespace

TEST_CASE("bodies are equal whatever the order of keys, white space and escapes") {
  CHECK(canonical(R"({"b": [1, {"y":2,"x":"\u00e9"}], "a":null})") ==
        canonical("{\"a\":null,\"b\":[1,{\"x\":\"\u00e9\",\"y\":2}]}"));
  CHECK(canonical(R"({"\u0061":1})") == canonical(R"({"a":1})"));
}

TEST_CASE("numbers are compared as they are written") {
  CHECK(canonical("[9007199254740993]") != canonical("[9007199254740992]"));
  CHECK(canonical("1.0") != canonical("1"));
  CHECK(canonical("-9223372036854775808") == "-9223372036854775808");
}

TEST_CASE("a body is the record without id and stamp of its own, but with those inside it") {
  CHECK(canonical_body(R"({"last_modified":1,"id":"x","in":{"id":"y","last_modified":2}})") ==
        R"({"in":{"id":"y","last_modified":2}})");
}

TEST_CASE("differences are named, and only the first few") {
  const Contents one{{"a", stored(1, "{}")}, {"b", stored(2, "{}")}, {"c", stored(3, "{}")}};
  const Contents two{{"b", stored(2, "{\"x\":1}")}, {"c", stored(4, "{}")}, {"d", stored(5, "{}")}};
  CHECK(difference(one, one) == "");
  CHECK(difference(one, two) ==
        "a: not on the replica\n"
        "b: {} on the master, {\"x\":1} on the replica; stamps 2 on the master, 2 on the replica\n"
        "c: stamp 3 on the master, 4 on the replica\n"
        "d: only on the replica");
  Contents many;
  for (int i = 0; i < 8; ++i) many[std::to_string(i)] = stored(i, "{}");
  CHECK(difference(many, {}).ends_with("4: not on the replica\nand 3 more"));
}

TEST_CASE("chosen records can be left out") {
  Record record;
  record.id = "a";
  const Contents both{{"a", stored(1, "{}")}, {"b", stored(2, "{}")}};
  CHECK(without(both, {record}).size() == 1);
}

}  // namespace kinto_mirror::selftest
