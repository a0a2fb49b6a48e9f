#pragma once
// The status server of a daemon that follows: who is answered, and what it is made of.

#include "base/stop.hpp"
#include "daemon/config.hpp"
#include "daemon/page_token.hpp"
#include "daemon/session.hpp"
#include "daemon/status/board.hpp"
#include "daemon/status/pages.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

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

  // Of everything, or of one collection alone.
  [[nodiscard]] Snapshot look(std::optional<CollectionId> only = {}) const;
  [[nodiscard]] Pages& pages() noexcept { return pages_; }

  // What of the configuration may change while it runs.
  void take(const Config& config);

 private:
  [[nodiscard]] std::vector<HealthCheck> checks(const Config& config);
  Task<void> sample();
  Task<Page> answer(PageRequest request);
  bool may_see(const PageRequest& request);

  Session& session_;
  const Board& board_;
  const sync::Engine& engine_;
  SnapshotInput known_;  // all but the time
  std::vector<std::shared_ptr<kinto::Server>> asked_;
  Heartbeat heartbeat_;
  PageTokenFile token_;
  History history_;
  Pages pages_;
  Stop closing_;
  std::optional<HttpServer> server_;
};

}  // namespace kinto_mirror::daemon
