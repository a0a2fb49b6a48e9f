#pragma once
// One engine, two listeners.

#include "sync/observer.hpp"

namespace kinto_mirror::daemon {

// REQUIRES: both outlive it.
class TeeObserver final : public sync::Observer {
 public:
  TeeObserver(sync::Observer& first, sync::Observer& second) : first_(first), second_(second) {}

  void containers_done(const std::string& replica, const sync::ContainersReport& report) override {
    first_.containers_done(replica, report);
    second_.containers_done(replica, report);
  }
  void containers_under_way(const std::string& replica,
                            const sync::ContainersReport& report) override {
    first_.containers_under_way(replica, report);
    second_.containers_under_way(replica, report);
  }
  void pass_done(const std::string& replica, const sync::CollectionReport& report) override {
    first_.pass_done(replica, report);
    second_.pass_done(replica, report);
  }
  void compared(const std::string& replica, const CollectionId& id, std::string_view record,
                sync::Finding finding) override {
    first_.compared(replica, id, record, finding);
    second_.compared(replica, id, record, finding);
  }
  void quarantined(const std::string& replica, const CollectionId& id,
                   const sync::Refusal& refusal) override {
    first_.quarantined(replica, id, refusal);
    second_.quarantined(replica, id, refusal);
  }
  void progress(const std::string& replica, const CollectionId& id, std::int64_t done,
                std::int64_t total) override {
    first_.progress(replica, id, done, total);
    second_.progress(replica, id, done, total);
  }
  void round_failed(const std::string& replica, const Error& error, Millis next) override {
    first_.round_failed(replica, error, next);
    second_.round_failed(replica, error, next);
  }
  void round_worked(const std::string& replica, std::size_t collections) override {
    first_.round_worked(replica, collections);
    second_.round_worked(replica, collections);
  }
  void notice(const std::string& replica, const CollectionId& id,
              std::string_view message) override {
    first_.notice(replica, id, message);
    second_.notice(replica, id, message);
  }

 private:
  sync::Observer& first_;
  sync::Observer& second_;
};

}  // namespace kinto_mirror::daemon
