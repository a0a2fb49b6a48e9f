#include "sync/remembered.hpp"

#include <doctest/doctest.h>

#include <string>

namespace kinto_mirror::sync {

TEST_CASE("one version of a record is remembered, the newest that was added") {
  Remembered remembered;
  remembered.add("a", Stamp{5});
  CHECK(remembered.holds("a", Stamp{5}));
  CHECK_FALSE(remembered.holds("a", Stamp{4}));
  CHECK_FALSE(remembered.holds("b", Stamp{5}));
  remembered.add("a", Stamp{6});
  CHECK(remembered.holds("a", Stamp{6}));
  CHECK_FALSE(remembered.holds("a", Stamp{5}));
  CHECK(remembered.size() == 1);
}

TEST_CASE("what the next poll does not read again is forgotten") {
  Remembered remembered;
  for (int i = 1; i <= 5; ++i) remembered.add(std::to_string(i), Stamp{i});
  remembered.forget_up_to(Stamp{3});  // the next poll reads what is strictly newer
  CHECK_FALSE(remembered.holds("3", Stamp{3}));
  CHECK(remembered.holds("4", Stamp{4}));
  CHECK(remembered.size() == 2);
  remembered.clear();
  CHECK(remembered.size() == 0);
}

TEST_CASE("what is remembered is bounded, and what is held stays up to date") {
  Remembered remembered;
  for (std::size_t i = 0; i < Remembered::max_held + 10; ++i) {
    remembered.add(std::to_string(i), Stamp{1});
  }
  CHECK(remembered.size() == Remembered::max_held);
  remembered.add("0", Stamp{2});
  CHECK(remembered.holds("0", Stamp{2}));
}

}  // namespace kinto_mirror::sync
