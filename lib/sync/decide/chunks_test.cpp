#include "sync/decide/chunks.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

namespace kinto_mirror::sync {

TEST_CASE("without bodies a page is as large as Kinto gives by default") {
  CHECK(PageSize(false).limit() == 10'000);
  CHECK(PageSize(true).limit() == 500);
}

TEST_CASE("the mean size of a record decides how many fit into 4 MiB") {
  struct Case {
    std::size_t bytes;
    std::size_t records;
    std::int64_t limit;
  };
  for (const Case& c : {Case{500 * 4096, 500, 1024}, Case{100, 100, 10'000}, Case{3, 100, 10'000},
                        Case{10'000'000, 1, 1}, Case{4 * 1024 * 1024, 1, 1},
                        Case{2 * 1024 * 1024, 1, 2}, Case{0, 0, 500}, Case{1000, 0, 500}}) {
    CAPTURE(c.bytes);
    CAPTURE(c.records);
    PageSize size(true);
    size.learn(c.bytes, c.records);
    CHECK(size.limit() == c.limit);
  }
}

TEST_CASE("the newest page counts") {
  PageSize size(true);
  size.learn(4096, 1);
  size.learn(2 * 4096, 1);
  CHECK(size.limit() == 512);
}

TEST_CASE("a page that is too large is halved until it holds one record") {
  PageSize size(true);
  size.learn(4096, 1);
  int halvings = 0;
  while (size.halve()) ++halvings;
  CHECK(size.limit() == 1);
  CHECK(halvings == 10);
  CHECK_FALSE(size.halve());
}

TEST_CASE("a page grows to the largest that Kinto gives") {
  PageSize size(true);
  int growths = 0;
  while (size.grow()) ++growths;
  CHECK(growths == 5);
  CHECK(size.limit() == PageSize::largest);
}

}  // namespace kinto_mirror::sync
