#pragma once
// What the engine tells, as log lines: one for each event that an operator would act on or look
// for. What repeats is told at once and then every 30 s.

#include "daemon/caller.hpp"
#include "daemon/containers_log.hpp"
#include "daemon/event.hpp"
#include "daemon/progress.hpp"
#include "daemon/throttle.hpp"
#include "sync/observer.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kinto_mirror::daemon {

class LogObserver final : public sync::Observer {
 public:
  // `dry_run`: no pass writes anything. `caller`: see caller_of().
  explicit LogObserver(const Clock& clock, bool dry_run = false, Caller caller = {})
      : clock_(clock), dry_run_(dry_run), caller_(std::move(caller)), containers_(clock) {}

  void containers_done(const std::string& replica, const sync::ContainersReport& report) override;
  void pass_done(const std::string& replica, const sync::CollectionReport& report) override;
  void quarantined(const std::string& replica, const CollectionId& id,
                   const sync::Refusal& refusal) override;
  void progress(const std::string& replica, const CollectionId& id, std::int64_t done,
                std::int64_t total) override;
  void round_failed(const std::string& replica, const Error& error, Millis next) override;
  void round_worked(const std::string& replica, std::size_t collections) override;
  void notice(const std::string& replica, const CollectionId& id,
              std::string_view message) override;

  // Takes the progress line away, before a report is written.
  void clear_progress() { progress_.clear(); }

 private:
  void tell_trouble(const std::string& replica, const sync::CollectionReport& report);
  void tell_notes(const std::string& replica, const sync::CollectionReport& report);
  void tell_state(const std::string& replica, const sync::CollectionReport& report);

  // A cache before a server is one trouble, whatever was asked through it: told once for all.
  [[nodiscard]] bool is_news(const std::optional<Error>& error);

  // How a log line calls the pass.
  [[nodiscard]] std::string_view name_of(sync::PassKind kind) const;
  [[nodiscard]] Fields fields_of(const std::string& replica,
                                 const sync::CollectionReport& report) const;

  const Clock& clock_;
  bool dry_run_;
  Caller caller_;
  Progress progress_;
  RepeatGate gate_;
  RepeatGate caches_;  // by server
  ContainersLog containers_;
  std::map<std::pair<std::string, CollectionId>, std::vector<std::string>> notes_;  // told last
  std::map<std::pair<std::string, CollectionId>, sync::State> states_;
  std::map<std::string, std::set<std::string>> culprits_;  // by replica: servers that failed
  std::map<CollectionId, Instant> begun_;                  // of passes that are under way
};

}  // namespace kinto_mirror::daemon
