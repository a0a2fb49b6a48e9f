#include "daemon/auth.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace kinto_mirror::daemon {

TEST_CASE("credentials are USER:PASS or Bearer TOKEN") {
  CHECK(*checked_authorization("user:pass") == "Basic dXNlcjpwYXNz");
  CHECK(*checked_authorization("user:") == "Basic dXNlcjo=");
  CHECK(*checked_authorization("user:pa:ss word") == "Basic dXNlcjpwYTpzcyB3b3Jk");
  CHECK(*checked_authorization("Bearer tok.en") == "Bearer tok.en");
}

TEST_CASE("other credentials are refused and never repeated") {
  for (const char* auth : {"", "hunter2", ":hunter2", "Bearer ", "Bearer hunter2 hunter2",
                           "Basic aHVudGVyMg==", "bearer hunter2", "user:hunter2\nX-Evil: 1"}) {
    CAPTURE(auth);
    const Result<std::string> header = checked_authorization(auth);
    REQUIRE(!header);
    CHECK(header.error().code == Errc::config);
    CHECK(header.error().message.find("hunter2") == std::string::npos);
    CHECK(header.error().message.find("aHVu") == std::string::npos);
  }
}

TEST_CASE("the mask of a secret is not taken for one") {
  for (const char* auth : {"user:****", "Bearer ****"}) {
    const Result<std::string> header = checked_authorization(auth);
    REQUIRE(!header);
    CHECK(header.error().message == "holds the mask **** where the secret belongs");
  }
  CHECK(checked_authorization("user:*****").has_value());
}

TEST_CASE("masks keep who and hide the rest") {
  CHECK(masked_auth("") == "");
  CHECK(masked_auth("user:hunter2") == "user:****");
  CHECK(masked_auth("user:") == "user:****");
  CHECK(masked_auth("Bearer hunter2") == "Bearer ****");
  CHECK(masked_auth("hunter2") == "****");
}

TEST_CASE("secrets are known in every form in which they travel") {
  const auto has = [](const std::vector<std::string>& secrets, const char* text) {
    return std::ranges::find(secrets, text) != secrets.end();
  };
  const auto basic = secrets_of_auth("user:p@ss");
  CHECK(has(basic, "user:p@ss"));
  CHECK(has(basic, "p@ss"));
  CHECK(has(basic, "p%40ss"));
  CHECK(has(basic, "dXNlcjpwQHNz"));
  CHECK(has(secrets_of_auth("Bearer token"), "token"));
  CHECK(secrets_of_auth("").empty());
}

}  // namespace kinto_mirror::daemon
