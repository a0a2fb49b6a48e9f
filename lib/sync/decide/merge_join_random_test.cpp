// The merge-join against a model that holds both sides in memory.
#include "sync/decide/test_walk.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using test::Listed;
using Side = std::map<std::string, Listed>;
using Texts = std::vector<std::string>;

struct Expected {
  Texts differences;  // sorted
  Texts extras;       // sorted
  std::int64_t same = 0;
  std::int64_t found_later = 0;
};

bool alive(const Side& side, const std::string& id) {
  const auto found = side.find(id);
  return found != side.end() && !found->second.tombstone;
}

std::string difference_of(const Listed& master, const Side& replica,
                          const std::set<std::int64_t>& taken) {
  Difference out;
  out.change = Change{master.id, Stamp{master.stamp}, master.tombstone};
  out.stamp_taken = !master.tombstone && taken.contains(master.stamp);
  if (alive(replica, master.id)) {
    const Stamp there{replica.at(master.id).stamp};
    const bool older = there < out.change.stamp;
    if (older || master.tombstone) out.replica = Known{there, false};
    if (!older && master.tombstone) out.change.stamp = Stamp{};
  }
  return test::text_of(out);
}

Expected compare(const Side& master, const Side& replica) {
  Expected out;
  std::set<std::int64_t> taken;
  for (const auto& [id, row] : replica) {
    taken.insert(row.stamp);
    if (!row.tombstone && !master.contains(id)) {
      out.extras.push_back(id + "@" + std::to_string(row.stamp));
    }
  }
  for (const auto& [id, row] : master) {
    const bool there = alive(replica, id);
    if (row.tombstone ? !there : there && replica.at(id).stamp == row.stamp) {
      if (there) ++out.same;
      continue;
    }
    if (!row.tombstone && there && replica.at(id).stamp > row.stamp) ++out.found_later;
    out.differences.push_back(difference_of(row, replica, taken));
  }
  std::ranges::sort(out.differences);
  std::ranges::sort(out.extras);
  return out;
}

class Dice {
 public:
  explicit Dice(std::uint32_t seed) : random_(seed) {}

  int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }

  // Few ids and few stamps, so that everything meets everything.
  Side side(int ids, int stamps) {
    Side out;
    for (int i = 0; i < ids; ++i) {
      const std::string id = "r" + std::to_string(i);
      if (below(4) != 0) out[id] = Listed{id, 1 + below(stamps), below(4) == 0};
    }
    return out;
  }

  // Ascending; equal stamps in any order.
  std::vector<Listed> listing(const Side& side) {
    std::vector<Listed> out;
    for (const auto& [id, row] : side) out.push_back(row);
    std::ranges::shuffle(out, random_);
    std::ranges::stable_sort(out, {}, &Listed::stamp);
    return out;
  }

 private:
  std::mt19937 random_;
};

std::uint32_t first_seed() {
  const char* given = std::getenv("KINTO_MIRROR_TEST_SEED");
  return given != nullptr ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10))
                          : std::random_device()();
}

Texts extras_of(const MergeJoin& join) {
  Texts out;
  for (const auto& [id, stamp] : join.extras()) out.push_back(id + "@" + std::to_string(stamp.ms));
  std::ranges::sort(out);
  return out;
}

Texts sorted_texts(std::vector<Difference> differences) {
  Texts out = test::texts_of(differences);
  std::ranges::sort(out);
  return out;
}

}  // namespace

TEST_CASE("the merge-join says what a comparison in memory says") {
  const std::uint32_t first = first_seed();
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const std::uint32_t seed = first + i;
    CAPTURE(seed);  // KINTO_MIRROR_TEST_SEED=<seed> begins here
    Dice dice(seed);
    const int ids = 1 + dice.below(20);
    const int stamps = 1 + dice.below(20);
    const Side master = dice.side(ids, stamps);
    const Side replica = dice.below(5) == 0 ? master : dice.side(ids, stamps);
    const Expected expected = compare(master, replica);
    MergeJoin join(100);
    walk(join, dice.listing(master), dice.listing(replica));
    std::vector<Difference> differences = join.take();
    const auto place = [](const Difference& difference) { return difference.ordinal; };
    std::vector<Difference> listed;
    std::ranges::copy_if(differences, std::back_inserter(listed),
                         [](const Difference& d) { return d.change.stamp > Stamp{}; });
    REQUIRE(std::ranges::is_sorted(listed, {}, place));
    REQUIRE(sorted_texts(std::move(differences)) == expected.differences);
    REQUIRE(extras_of(join) == expected.extras);
    REQUIRE(join.same() == expected.same);
    REQUIRE(join.found_later() == expected.found_later);
    REQUIRE(join.extras_not_held() == 0);
  }
}

TEST_CASE("a merge-join short of memory misses no difference and invents no extra") {
  const std::uint32_t first = first_seed();
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const std::uint32_t seed = first + i;
    CAPTURE(seed);
    Dice dice(seed);
    const Side master = dice.side(20, 10);
    const Side replica = dice.side(20, 10);
    const Expected expected = compare(master, replica);
    MergeJoin join(static_cast<std::size_t>(dice.below(5)));
    walk(join, dice.listing(master), dice.listing(replica));
    const std::vector<Difference> differences = join.take();
    // A delete may have to wait for another pass, since its record was not held; a write must not.
    std::set<std::string> reported;
    for (const Difference& difference : differences) reported.insert(difference.change.id);
    for (const auto& [id, row] : master) {
      const bool equal = alive(replica, id) && replica.at(id).stamp == row.stamp;
      if (!row.tombstone && !equal) REQUIRE(reported.contains(id));
    }
    const Texts held = extras_of(join);
    REQUIRE(std::ranges::includes(expected.extras, held));
    const auto all = static_cast<std::int64_t>(held.size()) + join.extras_not_held();
    REQUIRE(all >= static_cast<std::int64_t>(expected.extras.size()));
    REQUIRE(join.same() == expected.same);
  }
}

}  // namespace kinto_mirror::sync
