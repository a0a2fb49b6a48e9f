#include "daemon/status/service.hpp"

#include "daemon/status/rights.hpp"
#include "daemon/status/server_check.hpp"

#include <boost/asio/this_coro.hpp>

namespace kinto_mirror::daemon {

namespace {

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
  input.master = name_of(config.master);
  for (const Server& replica : config.replicas) input.replicas.push_back(name_of(replica));
  input.interval = config.sync.interval;
  return input;
}

}  // namespace

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
          build_info(version_files(), program_version()), guard_of(config)) {
  if (!acceptor) return;
  server_.emplace(std::move(*acceptor),
                  [this](std::string path) { return pages_.get(std::move(path)); });
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

Snapshot StatusService::look() const {
  SnapshotInput input = known_;
  input.now = session_.clock().now();
  input.wall = session_.clock().wall();
  return take_snapshot(input, board_, engine_.standings());
}

}  // namespace kinto_mirror::daemon
