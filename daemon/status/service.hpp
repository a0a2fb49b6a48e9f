#pragma once
// The status server of a daemon that follows: what it answers to which path.

#include "daemon/config.hpp"
#include "daemon/secrets.hpp"
#include "daemon/session.hpp"
#include "daemon/status/board.hpp"
#include "daemon/status/heartbeat.hpp"
#include "daemon/status/http_server.hpp"
#include "daemon/status/snapshot.hpp"
#include "daemon/status/version_json.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::daemon {

class Pages {
 public:
  using Look = std::function<Snapshot()>;

  // A page that is made of a snapshot is made anew after this time, or 20 times that which it took,
  // so that whoever asks without end keeps the engine from its work for a small part of it only.
  static constexpr Millis keep{200};

  // All references outlive it. `guard` cuts out secrets that a server may have put into its words.
  Pages(const Clock& clock, Heartbeat& heartbeat, Look look, BuildInfo build, SecretGuard guard)
      : clock_(clock),
        heartbeat_(heartbeat),
        look_(std::move(look)),
        build_(std::move(build)),
        guard_(std::move(guard)) {}

  Task<Page> get(std::string path);
  // A secret that was given later is cut out too.
  void hide(std::vector<std::string> secrets) { guard_.add(std::move(secrets)); }

 private:
  struct Made {
    Page page;
    Instant good_until{};
  };
  const Page& made(const std::string& path, Page (Pages::*make)() const);
  [[nodiscard]] Page status() const;
  [[nodiscard]] Page metrics() const;

  const Clock& clock_;
  Heartbeat& heartbeat_;
  Look look_;
  BuildInfo build_;
  SecretGuard guard_;
  std::map<std::string, Made> made_;
};

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
  [[nodiscard]] Pages& pages() noexcept { return pages_; }

  // What of the configuration may change while it runs.
  void take(const Config& config);

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
