#include "selftest/container.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::selftest {

TEST_CASE("a container is read with its lists, and one that hides them has none") {
  const Container shown =
      read_container(Stamp{7}, R"({"last_modified":7,"b":[1, 2],"id":"c","a":"x"})",
                     R"({"write":["account:me"],"read":["b\u0061","a"],"record:create":[]})");
  CHECK(shown.stamp == Stamp{7});
  CHECK(shown.data == R"({"a":"x","b":[1,2]})");
  CHECK(shown.who("read") == "a, ba");
  CHECK(shown.who("record:create") == "");
  CHECK(shown.may("write", "account:me"));
  CHECK_FALSE(shown.may("read", "account:me"));
  CHECK_FALSE(shown.may("record:create", "account:me"));
  CHECK(read_container(Stamp{7}, R"({"id":"c","last_modified":7})", "{}").lists.empty());
}

TEST_CASE("containers differ by what is there, by data and by stamp") {
  Container one;
  one.stamp = Stamp{1};
  one.data = R"({"a":1})";
  CHECK(difference(one, one) == "");
  CHECK(difference(one, std::nullopt) == "not on the replica");
  CHECK(difference(std::nullopt, one) == "only on the replica");
  CHECK(difference(std::nullopt, std::nullopt) == "on neither side");
  Container other = one;
  other.lists["read"] = {"a"};
  CHECK(difference(one, other) == "");
  other.stamp = Stamp{2};
  CHECK(difference(one, other) == "stamp 1 on the master, 2 on the replica");
  other.data = "{}";
  CHECK(difference(one, other) == R"({"a":1} on the master, {} on the replica)");
}

}  // namespace kinto_mirror::selftest
