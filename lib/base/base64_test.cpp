#include "base/base64.hpp"

#include <doctest/doctest.h>

#include <string>

namespace kinto_mirror {

TEST_CASE("bytes go there and back, with as much padding as they need") {
  struct Case {
    std::string bytes;
    std::string text;
  };
  for (const Case& c : {Case{"a", "YQ=="}, Case{"ab", "YWI="}, Case{"abc", "YWJj"},
                        Case{std::string("\0\xff", 2), "AP8="}}) {
    CAPTURE(c.text);
    CHECK(to_base64(c.bytes) == c.text);
    CHECK(from_base64(c.text) == c.bytes);
  }
  CHECK(to_base64("").empty());
}

TEST_CASE("what is no base64 stands for nothing") {
  for (const char* const text : {"", "YQ", "YQ=", "Y Q=", "not base64!!"}) {
    CAPTURE(text);
    CHECK_FALSE(from_base64(text));
  }
}

}  // namespace kinto_mirror
