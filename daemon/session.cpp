#include "daemon/session.hpp"

#include "daemon/logging.hpp"
#include "daemon/signals.hpp"
#include "daemon/version.hpp"
#include "daemon/watched_transport.hpp"
#include "http/beast_transport.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <csignal>
#include <exception>
#include <utility>

namespace kinto_mirror::daemon {

namespace {

// A stop must be over in ten seconds; a batch that takes longer is abandoned. The guards make it
// safe to find out later whether it was applied.
constexpr std::chrono::seconds grace_period{7};

void trace(const std::string& server, std::string_view method, std::string_view target, int status,
           Millis took) {
  if (!is_logged(Level::trace)) return;
  Fields fields;
  fields.emplace_back("server", server);
  fields.emplace_back("status", status);
  fields.emplace_back("ms", took.count());
  log_event(Level::trace, "http.exchange",
            std::string(method) + " " + std::string(target.substr(0, target.find("&_token"))),
            std::move(fields));
}

}  // namespace

std::string user_agent() {
  return "kinto-mirror/" + program_version();
}

Session::Session(const Config& config, const Limits& limits, Watch watch)
    : watch_(std::move(watch)) {
  const Millis linger = config.replicas.size() > 1 ? kinto::usual_linger : Millis{0};
  servers_.push_back(client(config.master, limits, Failures::told, linger));
  add_replicas(config, limits);
}

Session::Session(const Config& config, const Limits& limits, StandIn master) {
  kinto::ServerConfig server;
  server.name = std::move(master.name);
  server.url = std::move(master.url);
  server.base_path = "/v1";
  servers_.push_back(std::make_unique<kinto::Server>(std::move(server), std::move(master.transport),
                                                     clock_, stop_));
  add_replicas(config, limits);
}

void Session::add_replicas(const Config& config, const Limits& limits) {
  for (const Server& replica : config.replicas) {
    servers_.push_back(client(replica, limits, Failures::told));
  }
}

std::unique_ptr<kinto::Server> Session::client(const Server& server, const Limits& limits,
                                               Failures failures, Millis linger) {
  http::TransportConfig transport;
  transport.user_agent = user_agent();
  transport.ca_file = server.ca_file;
  transport.answer_timeout = limits.answer_timeout;
  for (Millis* step : {&transport.connect_timeout, &transport.write_timeout,
                       &transport.header_timeout, &transport.progress_timeout}) {
    *step = std::min(*step, limits.answer_timeout);
  }
  transport.trace = [this, name = server.name](std::string_view method, std::string_view target,
                                               int status, Millis took) {
    trace(name, method, target, status, took);
    if (watch_) watch_(name, status, took);
  };
  kinto::ServerConfig config;
  config.name = server.name;
  config.url = server.url.str();
  config.base_path = server.url.base_path;
  config.authorization = server.authorization;
  config.retry.patience = limits.patience;
  config.retry.longest_wait = limits.longest_wait;
  config.gather = kinto::usual_gather;
  config.linger = linger;
  config.notice = [name = server.name](const std::string& message) {
    Fields fields;
    fields.emplace_back("server", name);
    log_event(Level::warning, "server.notice", message, std::move(fields));
  };
  auto wire =
      http::make_transport(context_.get_executor(), server.url.origin, std::move(transport));
  auto& credentials = credentials_[server.name];
  if (!credentials) credentials = std::make_shared<CredentialsFile>(server);
  auto watched = std::make_unique<WatchedTransport>(std::move(wire), server.name, credentials,
                                                    clock_, failures == Failures::told);
  return std::make_unique<kinto::Server>(std::move(config), std::move(watched), clock_, stop_);
}

std::unique_ptr<http::Transport> Session::transport(const http::Origin& origin, Millis timeout) {
  http::TransportConfig config;
  config.connections = 1;
  config.connect_timeout = config.write_timeout = config.header_timeout = timeout;
  config.progress_timeout = config.answer_timeout = timeout;
  config.user_agent = user_agent();
  return http::make_transport(context_.get_executor(), origin, std::move(config));
}

sync::Engine Session::engine(const sync::Options& options, sync::Observer& observer) {
  std::vector<kinto::Server*> replicas;
  for (std::size_t i = 1; i < servers_.size(); ++i) replicas.push_back(servers_[i].get());
  return {options, *servers_.front(), std::move(replicas), clock_, stop_, observer};
}

void Session::take(const Config& config) {
  const auto take_one = [this](const Server& server) {
    const auto known = credentials_.find(server.name);
    if (known != credentials_.end()) known->second->take(server);
  };
  take_one(config.master);
  for (const Server& replica : config.replicas) take_one(replica);
}

void Session::stop_in_time(int signal) {
  log_event(Level::info, "daemon.stop",
            std::string("stopping on ") + (signal == SIGINT ? "SIGINT" : "SIGTERM"));
  stop_.request();
  grace_ = std::make_unique<boost::asio::steady_timer>(context_, grace_period);
  grace_->async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    log_event(Level::warning, "daemon.abandon", "abandoning requests that were not answered");
    for (const auto& server : servers_) server->abort();
  });
}

void Session::run(Task<void> task, std::function<void()> on_audit,
                  std::function<void()> on_reload) {
  auto signals = std::make_unique<Signals>(context_, [this](int signal) { stop_in_time(signal); });
  auto audit = std::make_unique<UserSignal>(context_, SIGUSR1, std::move(on_audit));
  auto reload = std::make_unique<UserSignal>(context_, SIGHUP, std::move(on_reload));
  std::exception_ptr bug;
  boost::asio::co_spawn(context_, std::move(task), [&](std::exception_ptr error) {
    bug = std::move(error);
    signals.reset();
    audit.reset();
    reload.reset();
    grace_.reset();
    // Idle connections are timers too: without them the context has nothing left to wait for.
    for (const auto& server : servers_) server->abort();
  });
  context_.run();
  if (bug) std::rethrow_exception(bug);
}

}  // namespace kinto_mirror::daemon
