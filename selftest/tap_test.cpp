#include "selftest/tap.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::selftest {

TEST_CASE("writes are seen, also inside a batch") {
  CHECK(writes_of({"GET", "/v1/buckets/b"}).empty());
  CHECK(writes_of({"HEAD", "/v1/buckets/b"}).empty());
  CHECK(writes_of({"DELETE", "/pre/v1/buckets/b?last_modified=1"}) ==
        std::vector<std::string>{"DELETE /buckets/b"});
  const std::string body =
      R"({"requests":[{"method":"GET","path":"/buckets/b"},)"
      R"({"method":"PUT","path":"/buckets/b/collections/c/records/r?x=1","body":{"data":{}}}]})";
  CHECK(writes_of({"POST", "/v1/batch", {}, body}) ==
        std::vector<std::string>{"PUT /buckets/b/collections/c/records/r"});
}

TEST_CASE("pages are made no larger than they were asked for") {
  CHECK(with_page_limit("/r", 5) == "/r?_limit=5");
  CHECK(with_page_limit("/r?_since=0", 5) == "/r?_since=0&_limit=5");
  CHECK(with_page_limit("/r?_limit=10&_token=x", 5) == "/r?_limit=5&_token=x");
  CHECK(with_page_limit("/r?_limit=3", 5) == "/r?_limit=3");
}

TEST_CASE("listings of records are told from other requests") {
  CHECK(lists_records({"GET", "/v1/buckets/b/collections/c/records?_since=0"}));
  CHECK_FALSE(lists_records({"HEAD", "/v1/buckets/b/collections/c/records"}));
  CHECK_FALSE(lists_records({"GET", "/v1/buckets/b/collections/c/records/r"}));
}

}  // namespace kinto_mirror::selftest
