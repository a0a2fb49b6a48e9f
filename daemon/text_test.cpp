#include "daemon/text.hpp"

#include "daemon/suggest.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

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
  CHECK(to_valid_utf8("") == "");
  CHECK(to_valid_utf8("a\nb") == "a\nb");
}

TEST_CASE("controls are spelled out") {
  CHECK(printable("a\nb\tc\rd") == "a\\nb\\tc\\rd");
  CHECK(printable("\x1b[31m\x7f") == "\\x1b[31m\\x7f");
  CHECK(printable("\xC2\x9B"
                  "31m") == "\\x9b31m");
  CHECK(printable("\xC2\xA0") == "\xC2\xA0");
}

TEST_CASE("the nearest name is suggested, and none where none is near") {
  const std::vector<std::string> known{"interval", "overlap", "extras"};
  CHECK(nearest("intervall", known) == "interval");
  CHECK(nearest("interva", known) == "interval");
  CHECK(nearest("extra", known) == "extras");
  CHECK(nearest("colour", known) == "");
  CHECK(nearest("", known) == "");
  CHECK(join(known) == "interval, overlap, extras");
}

}  // namespace kinto_mirror::daemon
