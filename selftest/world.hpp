#pragma once
// What each scenario starts from: a bucket of its own, a client of each server, and records.

#include "base/types.hpp"
#include "selftest/client.hpp"
#include "selftest/contents.hpp"
#include "selftest/mirror.hpp"
#include "selftest/random.hpp"
#include "sync/decide/options.hpp"

#include <string>
#include <vector>

namespace kinto_mirror::selftest {

// The fixture of a case. The bucket is made by the scenario, and removed here, whatever happened.
class World {
 public:
  World();
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  const CollectionId id;
  Random random;
  Client master;
  Client replica;

  // --records, or what suits the scenario; never less than `least`.
  [[nodiscard]] static std::int64_t scale(std::int64_t usual, std::int64_t least = 1);

  // A second collection of the bucket, by its name, which nobody has made yet.
  [[nodiscard]] CollectionId also(const std::string& collection) const;

  // Skips the scenario where the user of that server may not do this.
  static void needs(Client& client, const std::string& method, const std::string& path);
  // The same, of the lists of a container that is there: only who is in `write` of it sees them.
  static void needs_lists(Client& client, const std::string& path);

  // Makes the collection on the master, with these records.
  void publish(const std::vector<Record>& records);

  // The daemon's own, but for the scope.
  [[nodiscard]] sync::Options options() const;

  // One full pass of a new engine.
  Pass pass() { return pass(options()); }
  Pass pass(sync::Options options, Taps taps = {});

  // An engine that follows.
  std::unique_ptr<Mirror> follow(sync::Options options);

  // Nothing when both sides hold the same, ids, bodies and stamps; else the first few differences.
  std::string difference() { return difference(id); }
  std::string difference(const CollectionId& of);
  // Of metadata and stamps.
  std::string difference(const std::string& path);
};

// Until the servers' clocks have moved on by some milliseconds, so that stamps differ.
void pause();

}  // namespace kinto_mirror::selftest
