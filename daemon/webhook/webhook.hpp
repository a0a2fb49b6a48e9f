#pragma once
// Tells somebody's server, by POST, what has changed on the replicas, what came in sync, and what
// needs a hand: behind the engine, which never waits for it.

#include "base/clock.hpp"
#include "base/task_group.hpp"
#include "daemon/config.hpp"
#include "daemon/webhook/deliveries.hpp"
#include "daemon/webhook/news.hpp"
#include "http/transport.hpp"

#include <memory>
#include <optional>
#include <string>

namespace kinto_mirror::daemon {

// How long to wait before the try number `tries` + 1 of one message; nothing: no more tries. Pure.
std::optional<Millis> wait_before_retry(int tries) noexcept;

// One thread. REQUIRES: all that it is given outlives it; run() is awaited before it goes.
class Webhook {
 public:
  // `transport` reaches the origin of `options.url`; `deliveries` is told what became of each call.
  Webhook(const WebhookOptions& options, std::unique_ptr<http::Transport> transport, Clock& clock,
          const SecretGuard& guard, Deliveries& deliveries,
          const boost::asio::any_io_executor& executor);

  // Who is to be told by the engine.
  [[nodiscard]] sync::Observer& news() noexcept { return news_; }

  // Until close(); what is still to be told then is tried once, for at most two seconds.
  Task<void> run();
  void close() { closing_.request(); }

 private:
  Task<void> wait_for_news();
  Task<void> deliver(std::string body);
  ResultTask<void> call(const std::string& id, const std::string& body);
  Task<void> end_in_time();
  [[nodiscard]] Error without_path(const Error& error) const;
  void give_up(const Error& error, int tries);
  void worked();

  const WebhookOptions& options_;
  std::unique_ptr<http::Transport> transport_;
  Clock& clock_;
  WebhookNews news_;
  std::optional<Stop> wake_;  // while nothing is to be told
  Stop closing_;
  Stop ended_;
  TaskGroup beside_;
  Deliveries& deliveries_;
  bool given_up_ = false;  // the last message
};

}  // namespace kinto_mirror::daemon
