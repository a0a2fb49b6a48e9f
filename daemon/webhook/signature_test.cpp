#include "daemon/webhook/signature.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

// The example of the specification's own libraries.
TEST_CASE("a message is signed as Standard Webhooks has it") {
  const auto key = parse_webhook_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
  REQUIRE(key.has_value());
  const http::Headers headers =
      signed_headers(*key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})");
  CHECK(http::find_header(headers, "webhook-id") == "msg_p5jXN8AQM9LWM0D4loKWxJek");
  CHECK(http::find_header(headers, "webhook-timestamp") == "1614265330");
  CHECK(http::find_header(headers, "webhook-signature") ==
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST_CASE("without a key a message is not signed") {
  const http::Headers headers = signed_headers("", "msg_1", 1, "{}");
  CHECK_FALSE(http::find_header(headers, "webhook-signature"));
  CHECK(http::find_header(headers, "webhook-id") == "msg_1");
}

TEST_CASE("any line of text is a key") {
  CHECK(*parse_webhook_key("correct horse\r\n") == "correct horse");
  CHECK(*parse_webhook_key("whsec_YQ==") == "a");
  CHECK(*parse_webhook_key("whsec_YWI=") == "ab");
  for (const char* const wrong : {"", "\n", "whsec_", "whsec_not base64", "whsec_abc"}) {
    CAPTURE(wrong);
    const auto key = parse_webhook_key(wrong);
    REQUIRE(key.has_error());
    CHECK(key.error().code == Errc::config);
  }
}

}  // namespace kinto_mirror::daemon
