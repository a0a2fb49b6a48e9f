#include "daemon/page_token.hpp"

#include "daemon/test_inputs.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <fstream>

namespace kinto_mirror::daemon {

TEST_CASE("a header opens with this very token") {
  CHECK(opens("Bearer abc", "abc"));
  CHECK(opens("bearer abc", "abc"));
  for (const char* wrong : {"", "abc", "Bearer", "Bearer ", "Bearer ab", "Bearer abcd",
                            "Bearer abd", "Basic abc", "Bearer  abc", "Bearer ABC", "BearerXabc"}) {
    CAPTURE(wrong);
    CHECK(!opens(wrong, "abc"));
  }
  CHECK(!opens("Bearer ", ""));
}

TEST_CASE("a token is one word in a file") {
  const TemporaryFile good("token", "s3cret-token.with/signs\r\n");
  CHECK(*read_page_token(good.path()) == "s3cret-token.with/signs");
  const TemporaryFile empty("token", "\n");
  CHECK(contains(read_page_token(empty.path()).error().message, "is empty"));
  for (const char* text : {"two words", "one\ntwo", "t\xC3\xA9", " led"}) {
    const TemporaryFile bad("token", text);
    const Error error = read_page_token(bad.path()).error();
    CHECK(error.code == Errc::config);
    CHECK(contains(error.message, "holds more than a token"));
    CHECK(!contains(error.message, text));
  }
  CHECK(contains(read_page_token("/nowhere/token").error().message, "cannot be read"));
}

TEST_CASE("a file that changes is read anew, and what cannot be used is told once") {
  const TemporaryFile file("token", "first");
  const auto write = [&file](const char* text) { std::ofstream(file.path()) << text; };
  PageTokenFile token(PageToken{file.path(), "first"});
  CHECK(token.wanted());
  CHECK(*token.look() == false);
  write("the-second");
  CHECK(*token.look() == true);
  CHECK(token.token() == "the-second");
  CHECK(*token.look() == false);
  write("two words here");
  CHECK(contains(token.look().error().message, file.path() + " holds more than a token"));
  CHECK(*token.look() == false);
  CHECK(token.token() == "the-second");
  std::remove(file.path().c_str());
  CHECK(contains(token.look().error().message, "cannot be read"));
  CHECK(*token.look() == false);
  CHECK(token.token() == "the-second");
  write("again-another");
  CHECK(*token.look() == true);
  CHECK(!PageTokenFile(PageToken()).wanted());
}

TEST_CASE("a file that changed before anybody asked is read anew too") {
  const TemporaryFile file("token", "now");
  PageTokenFile token(PageToken{file.path(), "as-it-was-at-the-start"});
  CHECK(*token.look() == true);
  CHECK(token.token() == "now");
}

}  // namespace kinto_mirror::daemon
