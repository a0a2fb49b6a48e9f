#pragma once
// What the engine has to tell while it works; the daemon turns it into log lines, the self-test
// listens in. Every function is called on the engine's thread and must not block.

#include "sync/decide/containers_report.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace kinto_mirror::sync {

class Observer {
 public:
  virtual ~Observer() = default;

  // A pass ended, well or not.
  virtual void pass_done(const std::string& replica, const CollectionReport& report) = 0;

  // A pass over the containers ended.
  virtual void containers_done(const std::string& replica, const ContainersReport& report) = 0;

  // One goes on behind the visits to the records, as rights wait for these; how it stands now.
  virtual void containers_under_way(const std::string& /*replica*/,
                                    const ContainersReport& /*report*/) {}

  // A dry run has compared this record; told only where options.names ask for it.
  virtual void compared(const std::string& /*replica*/, const CollectionId& /*id*/,
                        std::string_view /*record*/, Finding /*finding*/) {}

  // A record is refused; told at each try of it.
  virtual void quarantined(const std::string& replica, const CollectionId& id,
                           const Refusal& refusal) = 0;

  // `done` of about `total` records of the master are equal on the replica, written or refused:
  // what was only read is not done. Called at most once a page and a batch of writes.
  virtual void progress(const std::string& replica, const CollectionId& id, std::int64_t done,
                        std::int64_t total) = 0;

  // Nothing of this replica could be visited in this round.
  virtual void round_failed(const std::string& replica, const Error& error, Millis next) = 0;

  // A round worked again, or for the first time, over `collections` collections.
  virtual void round_worked(const std::string& replica, std::size_t collections) = 0;

  // Something worth knowing that is no failure: "the replica's checkpoint is gone: ..."
  virtual void notice(const std::string& replica, const CollectionId& id,
                      std::string_view message) = 0;
};

}  // namespace kinto_mirror::sync
