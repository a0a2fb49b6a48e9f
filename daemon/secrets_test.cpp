#include "daemon/secrets.hpp"

#include "daemon/auth.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

namespace {

std::string clean(const std::string& secret, std::string_view text) {
  SecretGuard guard;
  guard.add({secret});
  return guard.clean(text);
}

}  // namespace

TEST_CASE("a secret that is a word or a number spares what only holds it") {
  struct Row {
    const char* secret;
    const char* text;
    const char* cleaned;
  };
  for (const Row& row : {
           Row{"test", "the latest selftest contests 1test test2", nullptr},
           Row{"8000", "port 18000, 80001 and x8000", nullptr},
           Row{"a", "a page has a part", nullptr},
           Row{"master", "mastery", nullptr},
           Row{"test", "is test", "is ****"},
           Row{"test", "test", "****"},
           Row{"test", "latest test, \"test\" u:test@h test_1 a-test",
               "latest ****, \"****\" u:****@h ****_1 a-****"},
           Row{"8000", "with 8000: 18000", "with ****: 18000"},
           // Behind what stands for another character.
           Row{"test", "\\ntest \\x1btest \\u0022test %20test",
               "\\n**** \\x1b**** \\u0022**** %20****"},
           Row{"test", "\xC3\xA9test\xC3\xA9", "\xC3\xA9****\xC3\xA9"},
       }) {
    CAPTURE(row.text);
    CHECK(clean(row.secret, row.text) == (row.cleaned == nullptr ? row.text : row.cleaned));
  }
}

TEST_CASE("a secret that is no word is cut out wherever it stands") {
  for (const char* secret : {"p4ss", "a-b-c", "te_st", "hunter2", "test test", "pass\xC3\xA9",
                             "abcdefghijkl", "123456789012"}) {
    CAPTURE(secret);
    const std::string text = "x" + std::string(secret) + secret + "y";
    CHECK(clean(secret, text) == "x********y");
  }
}

TEST_CASE("credentials of ordinary words are hidden in each form in which they travel") {
  SecretGuard guard;
  guard.add(secrets_of_auth("admin:test"));
  CHECK(guard.clean("Authorization: Basic YWRtaW46dGVzdA==") == "Authorization: Basic ****");
  CHECK(guard.clean("http://admin:test@k/v1") == "http://****@k/v1");
  CHECK(guard.clean("{\"password\":\"test\"}") == "{\"password\":\"****\"}");
  CHECK(guard.clean("the latest of admin") == "the latest of admin");
}

}  // namespace kinto_mirror::daemon
