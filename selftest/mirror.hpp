#pragma once
// The daemon's engine, driven by a scenario: with connections of its own, which are listened to.

#include "base/clock.hpp"
#include "base/stop.hpp"
#include "http/transport.hpp"
#include "selftest/interrupt.hpp"
#include "selftest/selftest.hpp"
#include "sync/decide/containers_report.hpp"
#include "sync/decide/options.hpp"
#include "sync/decide/report.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kinto_mirror::selftest {

// Where a scenario takes a hand in a pass.
struct Taps {
  // Called before a request to that server goes out; the pass waits meanwhile. The Stop is that of
  // the pass.
  using Hook = std::function<void(const http::Request&, Stop&)>;
  Hook master;
  Hook replica;
  std::int64_t page_limit = 0;  // records a page, on both servers; 0: as many as are asked for
};

// What a pass did, by its own report and by what went over the wire.
struct Pass {
  std::string outcome;            // "in-sync", "brake", "failed: ..."
  sync::CollectionReport report;  // of the scenario's collection, the first by its id
  sync::ContainersReport containers;
  std::vector<std::string> master_writes;
  std::vector<std::string> replica_writes;  // without the checkpoint's
  std::vector<std::string> checkpoint_writes;
  int master_pages = 0;  // pages of records that were asked for

  // "in-sync", or what the containers are instead, with the reasons.
  [[nodiscard]] std::string tree() const;

  // The writes to both servers, one a line, without the checkpoint's.
  [[nodiscard]] std::string written() const;
};

class Mirror {
 public:
  Mirror(const Settings& settings, const Interrupt& interrupt, sync::Options options, Taps taps,
         Millis limit);
  // Ends what follow() began.
  ~Mirror();
  Mirror(const Mirror&) = delete;
  Mirror& operator=(const Mirror&) = delete;

  // One full pass. REQUIRES: called once, and without follow(). Throws Interrupted, TimedOut, and
  // what a hook threw.
  Pass once();

  // Begins to follow. REQUIRES: called once, and without once().
  void follow();

  // Follows until `holds`; false when it does not within `bound`. Throws Interrupted.
  bool follows_until(const std::function<bool()>& holds, Millis bound);

  // What went wrong last while following; nothing where nothing did.
  [[nodiscard]] const std::string& trouble() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kinto_mirror::selftest
