#include "daemon/query.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::daemon {

TEST_CASE("a query is read in pairs, values decoded") {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  CHECK(read_query("")->empty());
  CHECK(*read_query("collection=b%2Fc") == Pairs{{"collection", "b/c"}});
  CHECK(*read_query("a=1&b&c=x=y&d=%c3%A9") ==
        Pairs{{"a", "1"}, {"b", ""}, {"c", "x=y"}, {"d", "\xC3\xA9"}});
}

TEST_CASE("what is not percent-encoded is refused") {
  for (const char* bad : {"a=%", "a=%2", "a=%2x", "a=%x2", "a=1&b=50%"}) {
    CAPTURE(bad);
    CHECK(read_query(bad).has_error());
  }
}

}  // namespace kinto_mirror::daemon
