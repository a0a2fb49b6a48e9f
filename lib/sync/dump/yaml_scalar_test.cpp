#include "sync/dump/yaml_scalar.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace kinto_mirror::sync::dump {

TEST_CASE("a scalar without quotes is read by the core schema") {
  struct Row {
    const char* text;
    const char* json;
  };
  const std::vector<Row> rows{
      {"", "null"},
      {"~", "null"},
      {"Null", "null"},
      {"nuLL", "\"nuLL\""},
      {"true", "true"},
      {"FALSE", "false"},
      {"tRue", "\"tRue\""},
      // Of YAML 1.1, and text in 1.2.
      {"yes", "\"yes\""},
      {"on", "\"on\""},
      {"1_000", "\"1_000\""},
      {"12:30:45", "\"12:30:45\""},
      {"2001-01-01", "\"2001-01-01\""},
      {"0b11", "\"0b11\""},
      {"0", "0"},
      {"-0", "-0"},
      {"+12", "12"},
      {"007", "7"},
      {"000", "0"},
      {"9007199254740993", "9007199254740993"},
      {"123456789012345678901234567890", "123456789012345678901234567890"},
      {"949.3012028926441", "949.3012028926441"},
      {"1e+300", "1e+300"},
      {"1E-07", "1e-07"},
      {"-0.0", "-0.0"},
      {".5", "0.5"},
      {"-.5e1", "-0.5e1"},
      {"1.", "1.0"},
      {"1.e5", "1.0e5"},
      {"0x1F", "31"},
      {"0o17", "15"},
      {"0xffffffffffffffff", "18446744073709551615"},
      {"0x", "\"0x\""},
      {"0xg", "\"0xg\""},
      {"-0x1", "\"-0x1\""},
      {"0o8", "\"0o8\""},
      {".", "\".\""},
      {"-", "\"-\""},
      {"1e", "\"1e\""},
      {"1.5.2", "\"1.5.2\""},
      {"e5", "\"e5\""},
      {"a\"b\\", "\"a\\\"b\\\\\""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto read = plain_scalar(row.text);
    REQUIRE(read.has_value());
    CHECK(*read == row.json);
  }
}

TEST_CASE("a number that JSON does not have is refused") {
  for (const char* const text : {".inf", "-.INF", ".nan", "0x10000000000000000"}) {
    CAPTURE(text);
    const auto read = plain_scalar(text);
    REQUIRE(read.has_error());
    CHECK(read.error().code == Errc::unproven);
    CHECK(read.error().message.find(text) == 0);
  }
}

}  // namespace kinto_mirror::sync::dump
