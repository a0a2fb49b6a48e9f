#pragma once
// What a command needs to talk to the configured servers: one thread, one io_context.

#include "base/clock.hpp"
#include "daemon/config.hpp"
#include "daemon/credentials_file.hpp"
#include "http/transport.hpp"
#include "kinto/server.hpp"
#include "sync/observer.hpp"
#include "sync/run/engine.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace kinto_mirror::daemon {

// How long a command bears with a server.
struct Limits {
  Millis patience;        // a request that fails is tried again for so long
  Millis longest_wait;    // the most peace that a server that works may ask for
  Millis answer_timeout;  // for the whole body of an answer, and no longer for any step before
};

// What stands in the place of the configured master: a file that is restored.
struct StandIn {
  std::unique_ptr<http::Transport> transport;
  std::string name;  // as messages call it
  std::string url;   // the server that it is a dump of
};

class Session {
 public:
  // Told of every exchange with a server, answered or not (status 0). Must not throw.
  using Watch = std::function<void(const std::string& server, int status, Millis took)>;

  Session(const Config& config, const Limits& limits, Watch watch = {});
  Session(const Config& config, const Limits& limits, StandIn master);

  // Runs `task` until it is done. The first SIGTERM or SIGINT requests the stop; requests that are
  // still in flight some seconds later are abandoned, so that the whole takes less than ten.
  // `on_audit` is called at each SIGUSR1, `on_reload` at each SIGHUP. REQUIRES: called once.
  void run(Task<void> task, std::function<void()> on_audit, std::function<void()> on_reload);

  [[nodiscard]] sync::Engine engine(const sync::Options& options, sync::Observer& observer);

  [[nodiscard]] Clock& clock() noexcept { return clock_; }
  [[nodiscard]] Stop& stop() noexcept { return stop_; }
  [[nodiscard]] boost::asio::any_io_executor executor() { return context_.get_executor(); }

  // The engine's client of the server number `index`, the master first.
  [[nodiscard]] const kinto::Server& server(std::size_t index) const { return *servers_[index]; }
  [[nodiscard]] kinto::Server& master() { return *servers_.front(); }

  // Credentials as the configuration has them by now, for the requests that begin from now on.
  void take(const Config& config);

  // A way to an origin that is no Kinto, with a deadline of `timeout` for each step.
  [[nodiscard]] std::unique_ptr<http::Transport> transport(const http::Origin& origin,
                                                           Millis timeout);

  // Whether a client logs that its requests begin to fail, before anybody gives up.
  enum class Failures { told, silent };

  // Another client of `server`, which is not aborted at a stop. `linger`: see kinto::ServerConfig.
  // The session outlives it.
  [[nodiscard]] std::unique_ptr<kinto::Server> client(const Server& server, const Limits& limits,
                                                      Failures failures = Failures::silent,
                                                      Millis linger = Millis{0});

 private:
  void stop_in_time(int signal);
  void add_replicas(const Config& config, const Limits& limits);

  boost::asio::io_context context_;
  SystemClock clock_;
  Stop stop_;
  Watch watch_;
  std::map<std::string, std::shared_ptr<CredentialsFile>> credentials_;  // by the server's name
  std::vector<std::unique_ptr<kinto::Server>> servers_;                  // the master first
  std::unique_ptr<boost::asio::steady_timer> grace_;
};

std::string user_agent();  // "kinto-mirror/0.1.0"

}  // namespace kinto_mirror::daemon
