#include "sync/decide/shard.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

std::vector<std::string> many_ids() {
  std::vector<std::string> out;
  for (int bucket = 0; bucket < 40; ++bucket) {
    for (int one = 0; one < 100; ++one) {
      out.push_back("bucket-" + std::to_string(bucket) + "/c" + std::to_string(one));
    }
  }
  return out;
}

}  // namespace

// What another program computed, written in another language after the definition alone.
TEST_CASE("the weight of an id for a shard is FNV-1a, mixed as splitmix64 does") {
  struct Case {
    std::string id;
    std::uint32_t shard;
    std::uint64_t weight;
  };
  for (const Case& c : {
           Case{"", 0, 0xcadcb3d88cdacb22},
           Case{"blog", 0, 0x2b0c3ac816a1169b},
           Case{"blog/articles", 0, 0xe4bbe11600142c93},
           Case{"blog/articles", 1, 0x037522de4ad03f99},
           Case{"blog/articles", 12, 0xd5e93685dc0ade6f},
           Case{"Main-2/a_b", 999, 0x8f99c88c7264b116},
       }) {
    CAPTURE(c.id);
    CHECK(shard_weight(c.id, c.shard) == c.weight);
  }
}

TEST_CASE("an id is the shard's that has the highest weight") {
  struct Case {
    std::string id;
    std::vector<std::uint32_t> shards;  // of 1, 2, 3, 4, 7 and 1000
  };
  for (const Case& c : {
           Case{"blog", {0, 1, 1, 1, 1, 509}},
           Case{"blog/articles", {0, 0, 0, 0, 0, 369}},
           Case{"main/certs", {0, 0, 2, 3, 5, 209}},
           Case{"security-state/onecrl", {0, 1, 2, 2, 2, 378}},
           Case{"a/b", {0, 1, 1, 1, 1, 177}},
           Case{"a_b/c-d", {0, 1, 1, 1, 1, 133}},
       }) {
    CAPTURE(c.id);
    std::vector<std::uint32_t> found;
    for (const std::uint32_t count : {1, 2, 3, 4, 7, 1000}) found.push_back(shard_of(c.id, count));
    CHECK(found == c.shards);
  }
}

TEST_CASE("each id is one shard's, and a lone shard has all") {
  for (const std::string& id : many_ids()) {
    CHECK(Shard{}.owns(id));
    int owners = 0;
    for (std::uint32_t index = 0; index < 3; ++index) owners += Shard{index, 3}.owns(id) ? 1 : 0;
    CHECK(owners == 1);
  }
  CHECK(Shard{}.is_all());
  CHECK_FALSE(Shard{0, 2}.is_all());
  CHECK(Shard{2, 3}.str() == "2/3");
}

TEST_CASE("a fourth shard takes a quarter of the ids, evenly, and nothing else moves") {
  std::vector<int> held(4);
  int moved = 0;
  for (const std::string& id : many_ids()) {
    const std::uint32_t before = shard_of(id, 3);
    const std::uint32_t after = shard_of(id, 4);
    ++held[after];
    if (before == after) continue;
    ++moved;
    CHECK(after == 3);
  }
  CHECK(moved == 969);
  for (const int some : held) CHECK(some == doctest::Approx(1000).epsilon(0.06));
}

}  // namespace kinto_mirror::sync
