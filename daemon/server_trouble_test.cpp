#include "daemon/server_trouble.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

namespace {

Instant at(int seconds) {
  return Instant{} + Millis{seconds * 1'000};
}

}  // namespace

TEST_CASE("a server that flaps is told twice, with counts") {
  ServerTrouble trouble;
  CHECK(!trouble.worked(at(0)));
  int begun = 0;
  for (int second = 1; second <= 30; ++second) {
    for (int i = 0; i < 3; ++i) CHECK(!trouble.worked(at(second)));
    if (second % 2 == 0 && trouble.failed(502, at(second))) ++begun;
  }
  CHECK(begun == 1);
  CHECK(!trouble.worked(at(39)));
  const auto over = trouble.worked(at(40));
  REQUIRE(over);
  CHECK(over->failed() == 15);
  // From the first failure to the last one: what was answered well behind it is not counted.
  CHECK(over->text() == "15 of 99 requests failed in 28s: 15 times 502");
  CHECK(!trouble.worked(at(41)));
  CHECK(trouble.failed(0, at(42)));
}

TEST_CASE("one failure alone, and kinds apart") {
  ServerTrouble trouble;
  CHECK(trouble.failed(0, at(5)));
  CHECK(!trouble.failed(503, at(6)));
  CHECK(trouble.worked(at(20))->text() ==
        "2 of 2 requests failed in 1s: 1 times no answer, 1 times 503");
  CHECK(trouble.failed(429, at(30)));
  CHECK(trouble.worked(at(50))->text() == "1 of 1 requests failed in 1s: 1 times 429");
}

TEST_CASE("what Kinto says of a request is no failure of the server") {
  for (const int status : {200, 304, 400, 401, 403, 404, 409, 412, 413, 507}) {
    CHECK(!ServerTrouble::is_failure(status));
  }
  for (const int status : {0, 429, 500, 502, 503, 504}) CHECK(ServerTrouble::is_failure(status));
}

}  // namespace kinto_mirror::daemon
