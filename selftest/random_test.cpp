#include "selftest/random.hpp"

#include "base/json_slice.hpp"

#include <doctest/doctest.h>

#include <set>

namespace kinto_mirror::selftest {

TEST_CASE("a seed gives the same records on every machine") {
  Random random(42, "mission");
  const Record record = random.record();
  CHECK(record.id == "1cc525ad-a700-366e-3f2d-febb6c3142d8");
  CHECK(record.body == R"({"internal_id":446767276,"title":"basalt basalt 682303"})");
}

TEST_CASE("another seed or another scenario gives other records") {
  CHECK(Random(1, "a").id() == Random(1, "a").id());
  CHECK(Random(1, "a").id() != Random(2, "a").id());
  CHECK(Random(1, "a").id() != Random(1, "b").id());
  CHECK(Random(1, "a").id() != Random((std::uint64_t{1} << 32) + 1, "a").id());
}

TEST_CASE("every record is sound JSON, and no id comes twice") {
  Random random(7, "x");
  std::set<std::string> ids;
  for (int i = 0; i < 200; ++i) {
    const Record record = i % 2 == 0 ? random.record() : random.rich_record();
    CHECK(json::whole_value(record.body));
    CHECK(json::member(record.body, "internal_id"));
    CHECK(json::member(record.body, "title"));
    CHECK(ids.insert(record.id).second);
  }
}

TEST_CASE("buckets of two runs differ") {
  CHECK(unique_suffix() != unique_suffix());
}

}  // namespace kinto_mirror::selftest
