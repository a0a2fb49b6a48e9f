#include "base/utf8.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror {

TEST_CASE("valid UTF-8 stays, other bytes are replaced one by one") {
  const std::string r = "\xEF\xBF\xBD";
  CHECK(to_valid_utf8("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80") ==
        "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  CHECK(to_valid_utf8("\xFFx") == r + "x");
  CHECK(to_valid_utf8("\xC0\x80") == r + r);                  // overlong
  CHECK(to_valid_utf8("\xE0\x80\x80") == r + r + r);          // overlong
  CHECK(to_valid_utf8("\xED\xA0\x80") == r + r + r);          // surrogate
  CHECK(to_valid_utf8("\xF4\x90\x80\x80") == r + r + r + r);  // beyond U+10FFFF
  CHECK(to_valid_utf8("\xE2\x82") == r + r);                  // cut
  CHECK(to_valid_utf8("\xE2\x82x\xC3\xA9") == r + r + "x\xC3\xA9");
  CHECK(to_valid_utf8("") == "");
  CHECK(to_valid_utf8("a\nb") == "a\nb");
}

}  // namespace kinto_mirror
