#include "sync/remembered.hpp"

#include <doctest/doctest.h>

#include <string>

namespace kinto_mirror::sync {

TEST_CASE("one version of a record is remembered, the newest that was added") {
  Remembered remembered;
  remembered.add(Change{"a", Stamp{5}, false});
  CHECK(remembered.holds("a", Known{Stamp{5}, false}));
  CHECK_FALSE(remembered.holds("a", Known{Stamp{4}, false}));
  CHECK_FALSE(remembered.holds("b", Known{Stamp{5}, false}));
  remembered.add(Change{"a", Stamp{6}, false});
  CHECK(remembered.holds("a", Known{Stamp{6}, false}));
  CHECK_FALSE(remembered.holds("a", Known{Stamp{5}, false}));
  CHECK(remembered.size() == 1);
}

TEST_CASE("what the next poll does not read again is forgotten") {
  Remembered remembered;
  for (int i = 1; i <= 5; ++i) remembered.add(Change{std::to_string(i), Stamp{i}, false});
  remembered.forget_up_to(Stamp{3});  // the next poll reads what is strictly newer
  CHECK_FALSE(remembered.holds("3", Known{Stamp{3}, false}));
  CHECK(remembered.holds("4", Known{Stamp{4}, false}));
  CHECK(remembered.size() == 2);
  remembered.clear();
  CHECK(remembered.size() == 0);
}

TEST_CASE("what is remembered is bounded, and what is held stays up to date") {
  Remembered remembered;
  for (std::size_t i = 0; i < Remembered::max_held + 10; ++i) {
    remembered.add(Change{std::to_string(i), Stamp{1}, false});
  }
  CHECK(remembered.size() == Remembered::max_held);
  remembered.add(Change{"0", Stamp{2}, false});
  CHECK(remembered.holds("0", Known{Stamp{2}, false}));
}

TEST_CASE("a record with the stamp of its own tombstone is another version") {
  Remembered remembered;
  remembered.add(Change{"a", Stamp{5}, true});
  CHECK(remembered.holds("a", Known{Stamp{5}, true}));
  CHECK_FALSE(remembered.holds("a", Known{Stamp{5}, false}));
}

}  // namespace kinto_mirror::sync
