#include "sync/tree/neighbours.hpp"

#include <doctest/doctest.h>

#include <string>

namespace kinto_mirror::sync {

TEST_CASE("`_` in what is deleted meets any character, and nothing else does") {
  struct Case {
    std::string deleted;
    std::string other;
    bool met;
  };
  for (const Case& c : {
           Case{"a_b", "aXb", true},
           Case{"a_b", "a-b", true},
           Case{"a_b", "a_b", false},  // itself
           Case{"aXb", "a_b", false},  // only the `_` of what is deleted is a pattern
           Case{"aXb", "aYb", false},
           Case{"a_b", "ab", false},  // one character, not none
           Case{"a_b", "aXXb", false},
           Case{"a_b", "aXbc", false},
           Case{"a_b", "zaXb", false},
           Case{"a_b", "AXb", false},
           Case{"a_b_c", "aXbYc", true},
           Case{"a_b_c", "a_bYc", true},
           Case{"a_b_c", "aXb_d", false},
           Case{"___", "abc", true},
           Case{"a%b", "aXb", false},  // no id has it, and Kinto escapes nothing
           Case{"", "", false},
           Case{"_", "", false},
           // A path as a whole: buckets, groups and collections that one deletion meets.
           Case{"x/collections/d_e", "x/collections/dXe", true},
           Case{"a_b/collections/c", "aXb/collections/c", true},
           Case{"a_b/collections/c", "aXb/collections/d", false},
           Case{"x/groups/g_h", "x/collections/g_h", false},
           Case{"x/groups/g_h", "x/groups/gXh", true},
       }) {
    CAPTURE(c.deleted);
    CAPTURE(c.other);
    CHECK(is_met_by_deletion(c.deleted, c.other) == c.met);
  }
}

}  // namespace kinto_mirror::sync
