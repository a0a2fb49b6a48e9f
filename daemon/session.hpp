#pragma once
// What a command needs to talk to the configured servers: one thread, one io_context.

#include "base/clock.hpp"
#include "daemon/config.hpp"
#include "kinto/server.hpp"
#include "sync/engine.hpp"
#include "sync/observer.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace kinto_mirror::daemon {

// How long a command bears with a server.
struct Limits {
  Millis patience;        // a request that fails is tried again for so long
  Millis longest_wait;    // the most peace that a server that works may ask for
  Millis answer_timeout;  // for the whole body of an answer
};

class Session {
 public:
  Session(const Config& config, const Limits& limits);

  // Runs `task` until it is done. The first SIGTERM or SIGINT requests the stop; requests that are
  // still in flight some seconds later are abandoned, so that the whole takes less than ten.
  // `on_user_signal` is called at each SIGUSR1. REQUIRES: called once.
  void run(Task<void> task, std::function<void()> on_user_signal);

  [[nodiscard]] sync::Engine engine(const sync::Options& options, sync::Observer& observer);

  [[nodiscard]] Clock& clock() noexcept { return clock_; }

 private:
  void add(const Server& server, const Limits& limits);
  void stop_in_time(int signal);

  boost::asio::io_context context_;
  SystemClock clock_;
  Stop stop_;
  std::vector<std::unique_ptr<kinto::Server>> servers_;  // the master first
  std::unique_ptr<boost::asio::steady_timer> grace_;
};

// "kinto-mirror/0.1.0"
std::string user_agent();

}  // namespace kinto_mirror::daemon
