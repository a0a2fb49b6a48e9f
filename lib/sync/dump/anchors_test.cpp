#include "sync/dump/anchors.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::sync::dump {

TEST_CASE("what has an anchor is repeated where its name stands") {
  Anchors anchors(1000, 1000);
  // [[1],2]
  anchors.begin("outer", 0);
  CHECK(anchors.add("[", 1).has_value());
  anchors.begin("inner", 1);
  CHECK(anchors.add("[1", 2).has_value());
  CHECK(anchors.add("]", 2).has_value());
  CHECK(anchors.repeat("inner").has_error());
  anchors.end(1);
  const auto inner = anchors.repeat("inner");
  REQUIRE(inner.has_value());
  CHECK((*inner)->json == "[1]");
  CHECK((*inner)->height == 1);
  CHECK(anchors.add(",2]", 1).has_value());
  CHECK(anchors.repeat("outer").has_error());
  anchors.end(0);
  const auto outer = anchors.repeat("outer");
  REQUIRE(outer.has_value());
  CHECK((*outer)->json == "[[1],2]");
  CHECK((*outer)->height == 2);
}

TEST_CASE("a name that is given anew stands for what came last") {
  Anchors anchors(1000, 1000);
  for (const char* const value : {"1", "2"}) {
    anchors.begin("a", 3);
    CHECK(anchors.add(value, 3).has_value());
    anchors.end(3);
  }
  CHECK((*anchors.repeat("a"))->json == "2");
  anchors.begin("a", 3);
  CHECK(anchors.repeat("a").error().message == "*a stands for nothing that is whole before it");
}

TEST_CASE("what is named and what is repeated have bounds") {
  Anchors anchors(8, 8);
  anchors.begin("a", 0);
  CHECK(anchors.add("12345", 0).has_value());
  anchors.end(0);
  CHECK(anchors.add("what has no name costs nothing", 0).has_value());
  CHECK(anchors.repeat("a").has_value());
  CHECK(anchors.repeat("a").error().message.find("too much is repeated by aliases (*a)") == 0);
  anchors.begin("b", 0);
  CHECK(anchors.add("1234", 0).error().message.find("too much has an anchor (&b)") == 0);
}

}  // namespace kinto_mirror::sync::dump
