#include "daemon/status/people_page.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

namespace {

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("style and script stand in the page, and the policy names them by their hashes") {
  const Page page = people_page({"<p><!--style-->|<!--script--></p>", "a{}", "alert(1)"});
  CHECK(page.status == 200);
  CHECK(page.type == "text/html; charset=utf-8");
  CHECK(*page.body == "<p><style>a{}</style>|<script>alert(1)</script></p>");
  REQUIRE(!page.headers.empty());
  // printf 'a{}' | openssl dgst -sha256 -binary | base64
  CHECK(page.headers[0] ==
        "Content-Security-Policy: default-src 'none'; script-src "
        "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='; style-src "
        "'sha256-X1RutGBrXCt9KkSaXMK7tHftWiRscFHOhxsS8tv8hBk='; connect-src 'self'; img-src 'self' "
        "data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
}

TEST_CASE("the page that is built in is whole, and names nothing elsewhere") {
  const std::string html = *people_page().body;
  CHECK(html.starts_with("<!DOCTYPE html>"));
  CHECK(holds(html, "<style>"));
  CHECK(holds(html, "<script>"));
  CHECK(!holds(html, "<!--"));
  CHECK(!holds(html, "innerHTML"));
  CHECK(!holds(html, "https://"));
  CHECK(!holds(html, "//cdn"));
  CHECK(html.size() < 64'000);
}

}  // namespace kinto_mirror::daemon
