#include "kinto/redirect.hpp"

#include "kinto/test_fakes.hpp"

#include <doctest/doctest.h>

#include <string>

namespace kinto_mirror::kinto {

namespace {

// What is told of a redirect of https://k.test/v1/?a=b to there.
std::string told(const char* location, int status = 301) {
  const http::Origin origin{true, "k.test", "443"};
  const http::Response answer{status, {{"Location", location}}, ""};
  const auto error = redirect_to_itself(origin, "/v1/?a=b", answer);
  if (!error) return "nothing";
  CHECK(error->code == Errc::not_kinto);
  CHECK(error->status == status);
  return error->message;
}

}  // namespace

TEST_CASE("a redirect to the address that was asked is told with what may mend it") {
  for (const char* location : {"https://k.test/v1/", "https://K.test:443/v1/?a=b", "/v1/#x"}) {
    CAPTURE(location);
    const std::string text = told(location);
    CHECK(text.starts_with("301, a redirect back to the address asked, https://k.test/v1/, which"));
    CHECK(text.find("X-Forwarded-Proto: https") != std::string::npos);
    CHECK(text.find("kinto.http_scheme") != std::string::npos);
    CHECK(text.find("a=b") == std::string::npos);
  }
  CHECK(told("https://k.test/v1").find("with the slash") != std::string::npos);
  CHECK(told("/v1", 308).starts_with("308, "));
}

TEST_CASE("a server that redirects to itself is told so, and is not asked again") {
  test::Bench bench;
  bench.script.answer(301, "", {{"Location", "http://replica.test/v1/"}});
  const auto hello = test::run(bench.server.hello());
  REQUIRE(hello.has_error());
  CHECK(hello.error().code == Errc::not_kinto);
  CHECK(hello.error().message.find("a redirect back to the address asked, http://replica.test/") !=
        std::string::npos);
  CHECK(bench.script.seen.size() == 1);
}

TEST_CASE("of other answers nothing is told") {
  for (const char* location :
       {"http://k.test/v1/", "https://k.test:8443/v1/", "https://other.test/v1/", "/v2/", "/",
        "//other.test/v1/", "https://k.test", "v1/", "", "https://", "https://u:p@/v1/"}) {
    CAPTURE(location);
    CHECK(told(location) == "nothing");
  }
  CHECK(told("/v1/", 200) == "nothing");
  CHECK(told("/v1/", 304) == "nothing");
  CHECK(!redirect_to_itself({}, "/v1/", {301, {}, ""}));
}

}  // namespace kinto_mirror::kinto
