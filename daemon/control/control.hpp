#pragma once
// What a daemon that follows does about an order.

#include "daemon/config.hpp"
#include "daemon/control/orders.hpp"
#include "daemon/session.hpp"
#include "daemon/status/http_server.hpp"
#include "daemon/status/service.hpp"
#include "sync/run/engine.hpp"

#include <functional>
#include <optional>

namespace kinto_mirror::daemon {

// One thread; all references outlive it.
class Control {
 public:
  // How long `pause` waits for the passes that are under way.
  static constexpr Millis pause_patience{30'000};
  // So many `sync` wait at a time, which leaves places on the socket for others.
  static constexpr std::size_t most_waiting = 32;

  Control(Config config, Session& session, sync::Engine& engine, StatusService& status)
      : config_(std::move(config)), session_(session), engine_(engine), status_(status) {}

  // Serves the socket until close(). REQUIRES: called once, and awaited before this object goes.
  Task<void> run(StreamAcceptor acceptor);
  void close();

  // Carries it out, and logs that it was given and what became of it. Of `sync` the wait is over
  // at its timeout, or when the daemon stops.
  Task<Answer> carry_out(Order order);
  Answer reload();

 private:
  Task<Page> answer(PageRequest request);
  Answer compare(const Order& order);
  Task<Answer> pause(Order order);
  Answer resume(const Order& order);
  Answer release(const Order& order);
  Task<Answer> sync(Order order);
  Task<Answer> wait_for_sync(Order order);
  [[nodiscard]] std::optional<Answer> unmatched(const Order& order) const;

  Config config_;  // as it was read last
  Session& session_;
  sync::Engine& engine_;
  StatusService& status_;
  std::size_t waiting_ = 0;
  std::optional<HttpServer> server_;
};

}  // namespace kinto_mirror::daemon
