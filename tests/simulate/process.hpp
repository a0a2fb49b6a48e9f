#pragma once
// One run of the daemon, from its start to its end, or to the instant that kills it: everything
// above the sockets, on virtual time.

#include "network.hpp"
#include "sim_clock.hpp"
#include "site.hpp"
#include "sync/run/engine.hpp"

#include <boost/asio/io_context.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::simulate {

// What all runs of the daemons share.
struct Surroundings {
  Timeline& timeline;
  Network& network;
  Site& master;
  const std::vector<std::unique_ptr<Site>>& replicas;
  const sync::Options& options;
  bool twin = false;  // the master is a replica, too, under another name
};

class Process {
 public:
  enum class Command { follow, once };

  Process(const Surroundings& around, Run run, Command command, const Millis& clock_wrong_by,
          sync::Observer& observer, sync::Shard shard = {});
  // kill -9
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Runs one handler that is ready. False where all of it waits.
  bool step();
  [[nodiscard]] std::int64_t steps() const noexcept { return steps_; }

  void terminate();  // SIGTERM
  void audit_now();  // SIGUSR1, or the order `sync`, which asks for the same
  // That order is answered: what it was about, by replica. Once each.
  struct Reached {
    Instant since{};
    std::vector<std::pair<std::string, CollectionId>> places;
  };
  std::optional<Reached> reached();
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  // REQUIRES: ended(), and the command was `once`.
  [[nodiscard]] const sync::RunReport& report() const { return report_; }

 private:
  std::unique_ptr<kinto::Server> connect(Site& site, const std::string& name, Command command);
  Task<void> work(Command command);

  const Surroundings& around_;
  Run run_;
  Stop stop_;
  sync::RunReport report_;
  bool ended_ = false;
  std::exception_ptr bug_;
  std::int64_t steps_ = 0;
  bool idle_ = false;                                   // all of it waits
  std::optional<std::pair<Instant, Instant>> ordered_;  // by the timeline, and by its own clock
  std::shared_ptr<Waiters> waiters_;
  std::optional<SimClock> clock_;
  std::vector<std::unique_ptr<kinto::Server>> servers_;  // the master first
  std::optional<sync::Engine> engine_;
  // Of one thread. It goes first: what waits in it refers to all of the above.
  boost::asio::io_context io_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
};

}  // namespace kinto_mirror::simulate
