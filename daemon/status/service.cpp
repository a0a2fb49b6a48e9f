#include "daemon/status/service.hpp"

#include "base/task_group.hpp"
#include "daemon/logging.hpp"
#include "daemon/secrets.hpp"
#include "daemon/status/rights.hpp"
#include "daemon/status/server_check.hpp"
#include "daemon/text.hpp"
#include "daemon/version.hpp"

#include <utility>

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
  input.shard = config.sync.shard;
  input.extras = config.sync.extras;
  input.master = name_of(config.master);
  for (const Server& replica : config.replicas) input.replicas.push_back(name_of(replica));
  input.interval = config.sync.interval;
  return input;
}

// Tell nothing that is the site's own. A page for people without a token asks for one itself.
bool is_for_everybody(std::string_view path) noexcept {
  return path == "/" || path == "/__lbheartbeat__";
}

Page without_token() {
  Page page(401, "application/json",
            "{\"code\": 401, \"message\": \"this page wants the token of --status-token-file, in "
            "a header Authorization: Bearer TOKEN\"}\n");
  page.headers.emplace_back("WWW-Authenticate: Bearer realm=\"kinto-mirror\"");
  return page;
}

void trace(const std::string& path, int status, Millis took) {
  if (!is_logged(Level::debug)) return;
  constexpr std::size_t longest = 200;
  const std::string what = printable(std::string_view(path).substr(0, longest));
  Fields fields;
  fields.emplace_back("status", status);
  fields.emplace_back("ms", took.count());
  log_event(Level::debug, "status.request", what + ": " + std::to_string(status),
            std::move(fields));
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
      token_(config.page_token),
      pages_(
          session.clock(), heartbeat_,
          [this](std::optional<CollectionId> only) { return look(std::move(only)); }, history_,
          build_info(version_files(), program_version(), program_commit()), guard_of(config)) {
  if (!acceptor) return;
  server_.emplace(std::move(*acceptor),
                  [this](PageRequest request) { return answer(std::move(request)); });
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
  TaskGroup beside(session_.executor());
  if (server_) {
    beside.spawn(sample());
    co_await server_->run();
  }
  co_await beside.join();
  co_await heartbeat_.join();
}

Task<void> StatusService::sample() {
  while (!closing_.requested()) {
    history_.add(look());
    co_await session_.clock().sleep(History::step, closing_);
  }
}

bool StatusService::may_see(const PageRequest& request) {
  if (!token_.wanted() || is_for_everybody(request.path)) return true;
  const auto other = token_.look();
  if (!other) {
    log_event(Level::warning, "status.token",
              other.error().message + "; the token of before is asked for");
  } else if (*other) {
    hide_from_log({token_.token()});
    pages_.hide({token_.token()});
    log_event(Level::info, "status.token", "the token of the status pages was read anew");
  }
  return opens(request.authorization, token_.token());
}

Task<Page> StatusService::answer(PageRequest request) {
  const Instant begin = session_.clock().now();
  const std::string path = request.path;
  Page page;
  if (may_see(request)) {
    page = co_await pages_.get(std::move(request));
  } else {
    page = without_token();
  }
  trace(path, page.status, session_.clock().now() - begin);
  co_return page;
}

void StatusService::close() {
  closing_.request();
  heartbeat_.close();
  for (const auto& server : asked_) server->abort();
  if (server_) server_->close();
}

void StatusService::take(const Config& config) {
  known_.interval = config.sync.interval;
  pages_.hide(secrets_of(config));
  token_.take(config.page_token);
}

Snapshot StatusService::look(std::optional<CollectionId> only) const {
  SnapshotInput input = known_;
  input.only = std::move(only);
  input.now = session_.clock().now();
  input.wall = session_.clock().wall();
  return take_snapshot(input, board_, engine_.standings());
}

}  // namespace kinto_mirror::daemon
