#include "daemon/status/heartbeat.hpp"

#include "daemon/text.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>

#include <algorithm>

namespace kinto_mirror::daemon {

namespace json = boost::json;

bool Health::ok() const noexcept {
  return std::ranges::none_of(servers,
                              [](const ServerHealth& one) { return one.error.has_value(); });
}

Heartbeat::Heartbeat(const boost::asio::any_io_executor& executor, const Clock& clock,
                     std::vector<HealthCheck> checks, HeartbeatLimits limits)
    : clock_(clock),
      checks_(std::move(checks)),
      limits_(limits),
      answered_(checks_.size(), false),
      over_(executor),
      running_(executor) {
  for (const HealthCheck& one : checks_) {
    last_.servers.push_back({one.name, one.url, std::nullopt});
  }
}

Task<Health> Heartbeat::health() {
  const bool fresh = begun_ && clock_.now() - *begun_ < limits_.keep;
  if (!closed_ && !fresh && !pending()) begin();
  // Also over where a check of before still hangs: then its patience has run out long ago.
  if (!closed_ && pending()) {
    [[maybe_unused]] const auto ignored =
        co_await over_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }
  Health health = last_;
  for (std::size_t i = 0; i < checks_.size(); ++i) {
    if (answered_[i]) continue;
    health.servers[i].error =
        Error(Errc::unreachable, checks_[i].name + " " + checks_[i].url + ": no answer within " +
                                     std::to_string(limits_.patience.count() / 1000) + " s");
  }
  co_return health;
}

void Heartbeat::begin() {
  begun_ = clock_.now();
  answered_.assign(checks_.size(), false);
  over_.expires_after(limits_.patience);
  for (std::size_t i = 0; i < checks_.size(); ++i) running_.spawn(check(i));
}

Task<void> Heartbeat::check(std::size_t index) {
  auto done = co_await checks_[index].ask();
  last_.servers[index].error.reset();
  if (!done) {
    last_.servers[index].error = done.error();
  } else if (checks_[index].known) {
    last_.servers[index].error = checks_[index].known();
  }
  answered_[index] = true;
  if (std::ranges::find(answered_, false) == answered_.end()) over_.cancel();
}

void Heartbeat::close() {
  closed_ = true;
  over_.cancel();
}

std::string heartbeat_json(const Health& health) {
  json::object checks;
  json::object details;
  for (const ServerHealth& server : health.servers) {
    checks[server.name] = server.error ? "error" : "ok";
    json::object detail;
    detail["url"] = server.url;
    if (server.error) {
      detail["kind"] = to_string(server.error->code);
      detail["error"] = to_valid_utf8(server.error->message);
    }
    details[server.name] = std::move(detail);
  }
  json::object out;
  out["status"] = health.ok() ? "ok" : "error";
  out["checks"] = std::move(checks);
  out["details"] = std::move(details);
  return json::serialize(out) + "\n";
}

}  // namespace kinto_mirror::daemon
