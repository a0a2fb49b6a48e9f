#include "kinto/credentials.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace kinto_mirror::kinto {

TEST_CASE("user and password become Basic, a token stays what it is") {
  struct Case {
    std::string given;
    std::string header;
  };
  const std::vector<Case> cases{
      {"", ""},
      {"a:b", "Basic YTpi"},
      {"ab:cd", "Basic YWI6Y2Q="},
      {"ab:c", "Basic YWI6Yw=="},
      {"user:pa:ss", "Basic dXNlcjpwYTpzcw=="},
      {"user:", "Basic dXNlcjo="},
      {"\xC3\xA9:\xC3\xBF\xC3\xBF", "Basic w6k6w7/Dvw=="},
      {"Bearer abc.def", "Bearer abc.def"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.given);
    const auto header = authorization(c.given);
    REQUIRE(header.has_value());
    CHECK(*header == c.header);
  }
}

TEST_CASE("what is neither is refused, and never repeated") {
  for (const std::string given : {"sesame", ":sesame", "Bearer ", "Bearer", "u:sesame\n",
                                  "Bearer sesame\r\nX: y", "u:\x01sesame", "u:\x7Fsesame"}) {
    CAPTURE(given);
    const auto header = authorization(given);
    REQUIRE(header.has_error());
    CHECK(header.error().code == Errc::config);
    CHECK(header.error().message.find("sesame") == std::string::npos);
  }
}

}  // namespace kinto_mirror::kinto
