#include "daemon/text.hpp"

#include "daemon/suggest.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

TEST_CASE("controls are spelled out") {
  CHECK(printable("a\nb\tc\rd") == "a\\nb\\tc\\rd");
  CHECK(printable("\x1b[31m\x7f") == "\\x1b[31m\\x7f");
  CHECK(printable("\xC2\x9B"
                  "31m") == "\\x9b31m");
  CHECK(printable("\xC2\xA0") == "\xC2\xA0");
}

TEST_CASE("who has named a server does not name it twice") {
  CHECK(without_name("down: GET http://d/v1: refused", "down") == "GET http://d/v1: refused");
  CHECK(without_name("down http://d/v1: GET /: 503", "down") == "http://d/v1: GET /: 503");
  CHECK(without_name("downtown: GET http://d/v1: refused", "down") ==
        "downtown: GET http://d/v1: refused");
  CHECK(without_name("master: GET http://m/v1", "down") == "master: GET http://m/v1");
  CHECK(without_name("a", "") == "a");
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
