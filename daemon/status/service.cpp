#include "daemon/status/service.hpp"

#include "daemon/status/metrics.hpp"
#include "daemon/status/rights.hpp"
#include "daemon/status/server_check.hpp"
#include "daemon/status/status_json.hpp"
#include "daemon/version.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <utility>

namespace kinto_mirror::daemon {

namespace {

constexpr auto json_type = "application/json";
constexpr auto metrics_type = "text/plain; version=0.0.4; charset=utf-8";

// A probe waits for no server longer than Heartbeat does, and no attempt is repeated.
constexpr Limits check_limits{Millis{0}, Millis{0}, Millis{5'000}};

ServerName name_of(const Server& server) {
  return {server.name, server.url.str()};
}

SecretGuard guard_of(const Config& config) {
  SecretGuard guard;
  guard.add(secrets_of(config));
  return guard;
}

SnapshotInput known_of(const Config& config) {
  SnapshotInput input;
  input.version = program_version();
  input.shard = config.sync.shard;
  input.master = name_of(config.master);
  for (const Server& replica : config.replicas) input.replicas.push_back(name_of(replica));
  input.interval = config.sync.interval;
  return input;
}

}  // namespace

Task<Page> Pages::get(std::string path) {
  if (path == "/__heartbeat__") {
    const Health health = co_await heartbeat_.health();
    co_return Page(health.ok() ? 200 : 503, json_type, guard_.clean(heartbeat_json(health)));
  }
  if (path == "/__lbheartbeat__") co_return Page(200, json_type, "{\"status\": \"ok\"}\n");
  if (path == "/__version__") co_return Page(200, json_type, build_.json);
  if (path == "/status") co_return made(path, &Pages::status);
  if (path == "/metrics") co_return made(path, &Pages::metrics);
  co_return Page(404, json_type,
                 "{\"code\": 404, \"message\": \"there are /status, /metrics, /__heartbeat__, "
                 "/__lbheartbeat__ and /__version__\"}\n");
}

const Page& Pages::made(const std::string& path, Page (Pages::*make)() const) {
  Made& known = made_[path];
  const Instant begin = clock_.now();
  if (!known.page.body || begin >= known.good_until) {
    known.page = (this->*make)();
    const Instant end = clock_.now();
    known.good_until = end + std::max(keep, 20 * (end - begin));
  }
  return known.page;
}

Page Pages::status() const {
  return {200, json_type, guard_.clean(status_json(look_()))};
}

Page Pages::metrics() const {
  return {200, metrics_type, metrics_text(look_(), build_.commit)};
}

StatusService::StatusService(const Config& config, Session& session, const Board& board,
                             const sync::Engine& engine,
                             std::optional<boost::asio::ip::tcp::acceptor> acceptor)
    : session_(session),
      board_(board),
      engine_(engine),
      known_(known_of(config)),
      heartbeat_(session.executor(), session.clock(), checks(config)),
      pages_(
          session.clock(), heartbeat_, [this] { return look(); },
          build_info(version_files(), program_version(), program_commit()), guard_of(config)) {
  if (!acceptor) return;
  server_.emplace(std::move(*acceptor),
                  [this](PageRequest asked) { return pages_.get(std::move(asked.path)); });
}

std::vector<HealthCheck> StatusService::checks(const Config& config) {
  std::vector<HealthCheck> all;
  const auto add = [&](const Server& server, Role role) {
    std::shared_ptr<kinto::Server> asked = session_.client(server, check_limits);
    asked_.push_back(asked);
    all.push_back(server_check(role, std::move(asked), session_.server(all.size())));
    all.back().known = [this, name = server.name, role] {
      return hides_everything(board_, name, role == Role::master);
    };
  };
  add(config.master, Role::master);
  for (const Server& replica : config.replicas) add(replica, Role::replica);
  return all;
}

Task<void> StatusService::run() {
  if (server_) co_await server_->run();
  co_await heartbeat_.join();
}

void StatusService::close() {
  heartbeat_.close();
  for (const auto& server : asked_) server->abort();
  if (server_) server_->close();
}

void StatusService::take(const Config& config) {
  known_.interval = config.sync.interval;
  pages_.hide(secrets_of(config));
}

Snapshot StatusService::look() const {
  SnapshotInput input = known_;
  input.now = session_.clock().now();
  input.wall = session_.clock().wall();
  return take_snapshot(input, board_, engine_.standings());
}

}  // namespace kinto_mirror::daemon
