#include "sync/dump/shelf.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace kinto_mirror::sync::dump {

namespace {

void add(Shelf& shelf, std::string_view id, std::int64_t stamp, bool deleted = false) {
  Item item;
  item.stamp = Stamp{stamp};
  item.deleted = deleted;
  shelf.add(id, item);
}

std::string in_order(const Shelf& shelf) {
  std::string out;
  for (std::size_t i = 0; i < shelf.size(); ++i) {
    out += std::string(shelf.id(i)) + std::to_string(shelf.item(i).stamp.ms) + " ";
  }
  return out;
}

}  // namespace

TEST_CASE("objects stand in the order of stamps and ids, and are found by both") {
  Shelf shelf;
  add(shelf, "c", 5);
  add(shelf, "a", 9, true);
  add(shelf, "b", 5);
  CHECK(!shelf.settle());
  CHECK(in_order(shelf) == "b5 c5 a9 ");
  CHECK(shelf.live() == 2);
  CHECK(shelf.newest() == Stamp{9});
  CHECK(shelf.find("a") == 2);
  CHECK(shelf.find("b") == 0);
  CHECK(!shelf.find("bb"));
  CHECK(!shelf.find("z"));
  CHECK(shelf.newer_than(Stamp{4}) == 0);
  CHECK(shelf.newer_than(Stamp{5}) == 2);
  CHECK(shelf.newer_than(Stamp{9}) == 3);
  CHECK(shelf.first_from(Stamp{5}) == 0);
  CHECK(shelf.first_from(Stamp{6}) == 2);
  CHECK(shelf.first_from(Stamp{std::numeric_limits<std::int64_t>::min()}) == 0);
  CHECK(shelf.id(shelf.by_id(0)) == "a");
  CHECK(shelf.behind("a") == 1);
  CHECK(shelf.behind("b1") == 2);
}

TEST_CASE("of several versions of one id the newest stays") {
  Shelf shelf;
  add(shelf, "a", 1);
  add(shelf, "b", 2);
  add(shelf, "a", 4, true);
  add(shelf, "a", 3);
  CHECK(!shelf.settle());
  CHECK(in_order(shelf) == "b2 a4 ");
  CHECK(shelf.live() == 1);
}

TEST_CASE("one version twice is no listing's") {
  Shelf shelf;
  add(shelf, "a", 1);
  add(shelf, "a", 1);
  CHECK(shelf.settle() == "a");
  Shelf empty;
  CHECK(!empty.settle());
  CHECK(empty.newest() == Stamp{});
  CHECK(!empty.find("a"));
}

}  // namespace kinto_mirror::sync::dump
