#include "sync/decide/replica_count.hpp"

#include <doctest/doctest.h>

namespace kinto_mirror::sync {

namespace {

// 205 records, 5 of them beyond the master's 200.
ReplicaCount five_beyond() {
  ReplicaCount count;
  count.live = 205;
  count.tell(5);
  return count;
}

}  // namespace

TEST_CASE("as many as the master's changes lead to") {
  const ReplicaCount count = five_beyond();
  CHECK(count.beyond(200, 0) == 0);
  CHECK_FALSE(count.contradiction(0, 200));
}

TEST_CASE("fewer are missing, whoever wrote to the replica") {
  ReplicaCount count = five_beyond();
  count.live = 203;
  CHECK(count.beyond(200, 0) == -2);
  CHECK(
      count.contradiction(-2, 200) ==
      "the replica has 2 records fewer than the master's 200 lead to: they came under stamps that "
      "no poll reads, or the replica lost them");
  count.added_since = -2;
  CHECK(
      count.contradiction(-2, 200) ==
      "the replica has 2 records fewer than the master's 200 lead to: they came under stamps that "
      "no poll reads");
}

TEST_CASE("what it refused to create is no loss") {
  ReplicaCount count = five_beyond();
  count.live = 203;
  CHECK(count.beyond(200, 2) == 0);
  CHECK_FALSE(count.beyond(200, std::nullopt));  // not all that it refused are known
}

TEST_CASE("more are the replica's own, unless nobody else wrote to it") {
  ReplicaCount count = five_beyond();
  count.live = 206;
  CHECK(count.beyond(200, 0) == 1);
  CHECK_FALSE(count.is_ours_alone());
  CHECK_FALSE(count.contradiction(1, 200));
  count.added_since = 1;
  CHECK(count.is_ours_alone());
  CHECK(
      count.contradiction(1, 200) ==
      "the replica has 1 records more than the master's 200 lead to, and nobody else wrote to it: "
      "they went without a tombstone that a poll reads");
}

TEST_CASE("nothing can be told before the surplus was, or without a number") {
  ReplicaCount count;
  CHECK_FALSE(count.beyond(200, 0));
  CHECK_FALSE(count.is_ours_alone());
  count.live = 205;
  count.tell(std::nullopt);
  CHECK_FALSE(count.beyond(200, 0));
  CHECK(count.is_ours_alone());
  count.live.reset();
  count.surplus = 5;
  CHECK_FALSE(count.beyond(200, 0));
  CHECK_FALSE(count.is_ours_alone());
}

TEST_CASE("telling the surplus begins anew") {
  ReplicaCount count = five_beyond();
  count.added_since = 3;
  count.outgrown = true;
  count.live = 208;
  count.tell(8);
  CHECK(count.base == 208);
  CHECK(count.added_since == 0);
  CHECK_FALSE(count.outgrown);
}

TEST_CASE("after a pass that broke off, what is counted next is taken for ours") {
  ReplicaCount count;
  count.live = 205;
  count.tell(5);
  count.added_since = 2;
  count.counted(210);  // three of a batch whose answer was lost
  CHECK_FALSE(count.is_ours_alone());
  count.blurred = true;
  count.counted(210);
  CHECK(count.is_ours_alone());
  CHECK(count.beyond(202, 0) == 3);
  count.counted(211);
  CHECK_FALSE(count.is_ours_alone());
}

}  // namespace kinto_mirror::sync
