#include "sync/decide/pauses.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

// Those of a/x, a/y and b/x that are paused: "a/x b/x".
std::string held(const Pauses& pauses) {
  std::string out;
  for (const auto& id : {CollectionId("a", "x"), CollectionId("a", "y"), CollectionId("b", "x")}) {
    if (pauses.holds(id)) out += (out.empty() ? "" : " ") + id.str();
  }
  return out;
}

}  // namespace

TEST_CASE("the last word that matches a collection counts") {
  Pauses pauses;
  CHECK(held(pauses) == "");
  REQUIRE(pauses.pause({"a/*"}).has_value());
  CHECK(held(pauses) == "a/x a/y");
  REQUIRE(pauses.resume({"a/y"}).has_value());
  CHECK(held(pauses) == "a/x");
  REQUIRE(pauses.pause({"*/*"}).has_value());
  CHECK(held(pauses) == "a/x a/y b/x");
  REQUIRE(pauses.resume({"*/x"}).has_value());
  CHECK(held(pauses) == "a/y");
  REQUIRE(pauses.resume({"*/*"}).has_value());
  CHECK(held(pauses) == "");
  CHECK(!pauses.any());
}

TEST_CASE("what is resumed without having been paused pauses nothing else") {
  Pauses pauses;
  REQUIRE(pauses.resume({"a/x"}).has_value());
  CHECK(held(pauses) == "");
  REQUIRE(pauses.pause({"a/x"}).has_value());
  CHECK(held(pauses) == "a/x");
}

TEST_CASE("a bucket is held where all of it is, whatever it may hold one day") {
  Pauses pauses;
  CHECK(!pauses.holds_bucket("a"));
  REQUIRE(pauses.pause({"a/x", "b/*"}).has_value());
  CHECK(!pauses.holds_bucket("a"));
  CHECK(pauses.holds_bucket("b"));
  REQUIRE(pauses.resume({"b/x"}).has_value());
  CHECK(!pauses.holds_bucket("b"));
}

TEST_CASE("words that are said again are remembered once, and others within a bound") {
  Pauses pauses;
  for (std::size_t i = 0; i < 3 * Pauses::most; ++i) {
    REQUIRE(pauses.pause({"a/x"}).has_value());
    REQUIRE(pauses.resume({"a/x"}).has_value());
  }
  CHECK(held(pauses) == "");
  for (std::size_t i = 0; i < Pauses::most; ++i)
    REQUIRE(pauses.pause({"a/c" + std::to_string(i)}).has_value());
  const auto one_more = pauses.pause({"a/x"});
  REQUIRE(one_more.has_error());
  CHECK(one_more.error().message.find("resume all") != std::string::npos);
  CHECK(held(pauses) == "");
  CHECK(pauses.holds(CollectionId("a", "c7")));
  REQUIRE(pauses.pause({"*/*"}).has_value());
  CHECK(held(pauses) == "a/x a/y b/x");
}

}  // namespace kinto_mirror::sync
