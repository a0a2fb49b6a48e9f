#include "sync/run/retries.hpp"

#include <doctest/doctest.h>

#include <utility>

namespace kinto_mirror::sync {

TEST_CASE(
    "what is tried again comes in the order of stamps, and what is gone leaves the quarantine") {
  Quarantine quarantine;
  for (const char* id : {"young", "old", "deleted", "gone", "changing"}) {
    Refusal refusal;
    refusal.id = id;
    quarantine.refused(std::move(refusal), Instant{});
  }
  const std::unordered_map<std::string, Found> of_master{
      {"young", {Stamp{70}, false, "{}"}},
      {"old", {Stamp{50}, false, R"({"n":1})"}},
      {"deleted", {Stamp{60}, true, ""}},
      {"changing", {Stamp{55}, false, ""}},
  };
  const auto retries =
      to_retry({"young", "old", "deleted", "gone", "changing"}, of_master, quarantine);
  REQUIRE(retries.size() == 3);
  CHECK(retries[0].change.id == "old");
  CHECK(retries[0].change.stamp == Stamp{50});
  CHECK(retries[0].record == R"({"n":1})");
  CHECK(retries[1].change.id == "deleted");
  CHECK(retries[1].change.tombstone);
  CHECK(retries[2].change.id == "young");
  CHECK_FALSE(quarantine.holds("gone"));
  CHECK(quarantine.size() == 4);
}

}  // namespace kinto_mirror::sync
