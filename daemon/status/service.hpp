#pragma once
// The status server of a daemon that follows, and what its service manager is told.

#include "daemon/config.hpp"
#include "daemon/session.hpp"
#include "daemon/status/board.hpp"
#include "daemon/status/heartbeat.hpp"
#include "daemon/status/http_server.hpp"
#include "daemon/status/pages.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <optional>

namespace kinto_mirror::daemon {

// REQUIRES: all references outlive it; run() is awaited before it goes.
class StatusService {
 public:
  // Without an acceptor no pages are served.
  StatusService(const Config& config, Session& session, const Board& board,
                const sync::Engine& engine, std::optional<boost::asio::ip::tcp::acceptor> acceptor);

  // Runs beside the engine until close().
  Task<void> run();
  void close();

  [[nodiscard]] Snapshot look() const;

 private:
  [[nodiscard]] std::vector<HealthCheck> checks(const Config& config);

  Session& session_;
  const Board& board_;
  const sync::Engine& engine_;
  SnapshotInput known_;  // all but the time
  std::vector<std::shared_ptr<kinto::Server>> asked_;
  Heartbeat heartbeat_;
  Pages pages_;
  std::optional<HttpServer> server_;
};

}  // namespace kinto_mirror::daemon
