#pragma once
// What happened since the daemon started, as far as status pages and metrics show it: the engine
// and the clients tell, snapshots read. One thread; grows with servers and collections only.

#include "base/clock.hpp"
#include "daemon/status/past.hpp"
#include "daemon/webhook/deliveries.hpp"
#include "sync/observer.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::daemon {

// How long things took, counted in buckets: from a request on loopback to the load of a large
// collection.
struct Histogram {
  static constexpr std::array<double, 14> bounds{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                                 1,     2.5,  5,     10,   30,  120,  600};  // s

  std::array<std::uint64_t, bounds.size() + 1> counts{};  // the last one: beyond all bounds
  double sum = 0;                                         // s

  void add(Millis took) noexcept {
    const double seconds = static_cast<double>(took.count()) / 1000;
    std::size_t bucket = 0;
    while (bucket < bounds.size() && seconds > bounds[bucket]) ++bucket;
    ++counts[bucket];
    sum += seconds;
  }
};

// Of one server, as the HTTP client saw it.
struct Exchanges {
  std::map<std::string, std::uint64_t> by_status;  // see status_label()
  Histogram durations;
  int last_status = 0;  // 0: no answer
  std::optional<Instant> last_at;
};

// The label of an answer's status in the metrics: the status itself where it is a usual one, else
// its class ("4xx"), so that no server can make up labels; "none" without an answer.
std::string status_label(int status);

// A load or an audit that goes on.
struct Walk {
  std::int64_t done = 0;
  std::int64_t total = 0;
  Instant begun{};  // when it first told of itself
};

// The last pass that ended, and what the passes concluded together.
struct PassNews {
  sync::PassKind kind = sync::PassKind::audit;
  Instant ended{};
  Millis took{};
  std::optional<sync::State> whole;    // what the last audit or load concluded
  std::optional<sync::State> trouble;  // what the last pass found, where it is not in sync
  std::int64_t master = 0;             // as the last audit or load counted
  std::int64_t replica = 0;
  sync::Differences found;
  sync::Written written;                // by all passes
  std::vector<sync::Refusal> refusals;  // the newest few
  std::optional<sync::BrakeReport> brake;
  std::optional<Error> error;
  std::optional<Walk> walk;

  [[nodiscard]] std::optional<sync::State> state() const noexcept {
    return trouble ? trouble : whole;
  }
};

// Counted since the daemon started.
struct ReplicaCounters {
  std::map<std::pair<sync::PassKind, sync::State>, std::uint64_t> passes;
  std::map<sync::PassKind, Histogram> pass_durations;
  std::uint64_t failed_rounds = 0;
  sync::Written written;
};

struct ReplicaNews {
  bool following = false;      // a round worked, and none failed since
  std::optional<Error> error;  // of the last round that failed
  Instant failing_since{};
  std::map<CollectionId, PassNews> collections;
  std::map<CollectionId, Past> pasts;
  // As the last pass over them ended, with what all of them wrote; nothing: none ended yet.
  std::optional<sync::ContainersReport> containers;
  std::vector<Instant> differing_since;  // of each of containers->differences
  ReplicaCounters counters;
};

class Board final : public sync::Observer {
 public:
  static constexpr std::size_t max_refusals = 10;  // of a collection

  // `clock` outlives it.
  explicit Board(const Clock& clock) : clock_(clock), started_(clock.now()) {}

  void exchanged(const std::string& server, int status, Millis took);

  // Where there is a webhook; from the first call on it is shown.
  [[nodiscard]] Deliveries& webhook() {
    if (!webhook_) webhook_.emplace();
    return *webhook_;
  }

  void containers_done(const std::string& replica, const sync::ContainersReport& report) override;
  void containers_under_way(const std::string& replica,
                            const sync::ContainersReport& report) override;
  void pass_done(const std::string& replica, const sync::CollectionReport& report) override;
  void quarantined(const std::string& replica, const CollectionId& id,
                   const sync::Refusal& refusal) override;
  void progress(const std::string& replica, const CollectionId& id, std::int64_t done,
                std::int64_t total) override;
  void round_failed(const std::string& replica, const Error& error, Millis next) override;
  void round_worked(const std::string& replica, std::size_t collections) override;
  void notice(const std::string& /*replica*/, const CollectionId& /*id*/,
              std::string_view /*message*/) override {}

  [[nodiscard]] const std::map<std::string, Exchanges>& servers() const { return servers_; }
  [[nodiscard]] const std::map<std::string, ReplicaNews>& replicas() const { return replicas_; }
  [[nodiscard]] const std::optional<Deliveries>& deliveries() const { return webhook_; }
  [[nodiscard]] Instant started() const { return started_; }

 private:
  const Clock& clock_;
  Instant started_;
  std::map<std::string, Exchanges> servers_;     // by name
  std::map<std::string, ReplicaNews> replicas_;  // by name
  std::optional<Deliveries> webhook_;
};

}  // namespace kinto_mirror::daemon
