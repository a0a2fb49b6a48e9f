#include "base/json_equal.hpp"

#include <doctest/doctest.h>

using kinto_mirror::json::same_object;

TEST_CASE("objects are the same however they are spelled") {
  struct Row {
    const char* one;
    const char* other;
    bool same;
  };
  constexpr Row rows[] = {
      {R"({"a":1,"b":[1,2]})", R"({ "b": [1, 2], "a": 1 })", true},
      {R"({"a":1e22})", R"({"a":10000000000000000000000})", true},
      {R"({"a":1.0})", R"({"a":1})", true},
      {R"({"a":949.3012028926441})", R"({"a":949.301202892644})", true},
      {R"({"a":949.3012028926441})", R"({"a":949.30120289264})", false},
      {R"({"a":9007199254740993})", R"({"a":9007199254740992})", false},
      {R"({"a":"\u00e9"})", R"({"a":"é"})", true},
      {R"({"a":1,"last_modified":5})", R"({"a":1,"last_modified":6})", true},
      {R"({"a":1,"last_modified":5})", R"({"a":1})", true},
      {R"({"a":{"last_modified":5}})", R"({"a":{"last_modified":6}})", false},
      {R"({"a":1})", R"({"a":1,"b":null})", false},
      {R"({"a":[1,2]})", R"({"a":[2,1]})", false},
      {R"({"a":true})", R"({"a":1})", false},
      {R"([])", R"([ ])", false},
      {R"({"a":1)", R"({"a":1})", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.one);
    CAPTURE(row.other);
    CHECK(same_object(row.one, row.other, "last_modified") == row.same);
    CHECK(same_object(row.other, row.one, "last_modified") == row.same);
  }
}
