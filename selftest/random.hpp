#pragma once
// Records that look random and are the same for the same seed, on every machine: the standard's
// distributions differ between libraries, so the arithmetic is our own.

#include "base/require.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::selftest {

struct Record {
  std::string id;
  std::string body;  // a JSON object, without id
};

class Random {
 public:
  // Each scenario has numbers of its own, so that a filter does not change them.
  Random(std::uint64_t seed, std::string_view scenario);

  std::uint64_t next() { return engine_(); }
  // In [0, bound). REQUIRES: bound > 0.
  std::uint64_t below(std::uint64_t bound) {
    KINTO_MIRROR_REQUIRE(bound > 0);
    return next() % bound;
  }

  std::string id();
  std::string title();
  // {"internal_id": ..., "title": ...}
  Record record();
  std::vector<Record> records(std::int64_t count);
  // Strings, numbers and nesting of all kinds beside the title.
  Record rich_record();

 private:
  std::mt19937_64 engine_;
};

// A seed for those who gave none.
std::uint64_t random_seed();

// Hexadecimal digits that no seed determines: two runs of one seed must not meet in a bucket.
std::string unique_suffix();

}  // namespace kinto_mirror::selftest
