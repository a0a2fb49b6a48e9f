#pragma once
// What the engine tells, as log lines: one for each event that an operator would act on or look
// for. What repeats is told at once and then every 30 s.

#include "daemon/progress.hpp"
#include "daemon/throttle.hpp"
#include "sync/observer.hpp"

#include <map>
#include <string>
#include <utility>

namespace kinto_mirror::daemon {

class LogObserver final : public sync::Observer {
 public:
  explicit LogObserver(const Clock& clock) : clock_(clock) {}

  void pass_done(const std::string& replica, const sync::CollectionReport& report) override;
  void quarantined(const std::string& replica, const CollectionId& id,
                   const sync::Refusal& refusal) override;
  void progress(const CollectionId& id, std::int64_t done, std::int64_t total) override;
  void round_failed(const std::string& replica, const Error& error, Millis next) override;
  void round_worked(const std::string& replica, std::size_t collections) override;
  void notice(const std::string& replica, const CollectionId& id,
              std::string_view message) override;

  // Takes the progress line away, before a report is written.
  void clear_progress() { progress_.clear(); }

 private:
  void tell_trouble(const std::string& replica, const sync::CollectionReport& report);
  void tell_state(const std::string& replica, const sync::CollectionReport& report);

  const Clock& clock_;
  Progress progress_;
  RepeatGate gate_;
  std::map<std::pair<std::string, CollectionId>, sync::State> states_;
  std::map<CollectionId, Instant> begun_;  // of passes that are under way
};

}  // namespace kinto_mirror::daemon
