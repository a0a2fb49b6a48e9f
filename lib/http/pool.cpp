#include "http/pool.hpp"

#include "http/now.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace kinto_mirror::http {

namespace asio = boost::asio;

// Stands in the queue until it goes out of scope or is given a place. A place that was given but
// not taken, since its coroutine was destroyed first, goes to the next.
struct Pool::Waiter {
  explicit Waiter(Pool& pool_) : pool(pool_), wake(pool.executor_) {
    wake.expires_at(asio::steady_timer::time_point::max());
    pool.waiters_.push_back(this);
  }
  ~Waiter() {
    pool.waiters_.remove(this);
    if (granted) pool.leave();
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  Pool& pool;
  asio::steady_timer wake;
  bool granted = false;
};

Pool::Pool(const asio::any_io_executor& executor, Origin origin, TransportConfig config)
    : executor_(executor),
      origin_(std::move(origin)),
      config_(std::move(config)),
      trust_(config_.ca_file),
      free_(std::max<std::size_t>(config_.connections, 1)),
      expiry_(executor) {}

Task<bool> Pool::enter() {
  if (stopped_) co_return false;
  if (free_ > 0) {
    --free_;
    co_return true;
  }
  Waiter waiter(*this);
  [[maybe_unused]] const auto ignored =
      co_await waiter.wake.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return std::exchange(waiter.granted, false);
}

void Pool::leave() {
  if (waiters_.empty() || stopped_) {
    ++free_;
    return;
  }
  Waiter& next = *waiters_.front();
  waiters_.pop_front();
  next.granted = true;
  next.wake.cancel();
}

// Its address may be another server's by now: a new connection asks for it anew.
bool Pool::is_old(const Connection& connection) const {
  return now() - connection.made() >= config_.greatest_age;
}

std::unique_ptr<Connection> Pool::take_idle() {
  while (!idle_.empty()) {
    std::unique_ptr<Connection> connection = std::move(idle_.back().connection);
    idle_.pop_back();
    if (idle_.empty()) expiry_.cancel();
    if (connection->still_quiet() && !is_old(*connection)) return connection;
    connection->close_politely();
  }
  return nullptr;
}

void Pool::keep(std::unique_ptr<Connection> connection) {
  if (stopped_) return;
  if (is_old(*connection)) return connection->close_politely();
  idle_.push_back(Idle{std::move(connection), now() + config_.idle_timeout});
  if (idle_.size() == 1) arm_expiry();
}

void Pool::arm_expiry() {
  expiry_.expires_at(idle_.front().until);
  expiry_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const std::shared_ptr<Pool> pool = weak.lock();
    if (pool && !error) pool->close_expired();
  });
}

void Pool::close_expired() {
  while (!idle_.empty() && idle_.front().until <= now()) {
    idle_.front().connection->close_politely();
    idle_.pop_front();
  }
  if (!idle_.empty()) arm_expiry();
}

void Pool::stop() {
  if (std::exchange(stopped_, true)) return;
  expiry_.cancel();
  for (Idle& idle : idle_) idle.connection->close_politely();
  idle_.clear();
  for (Connection* connection : in_use_) connection->abort();
  for (Waiter* waiter : waiters_) waiter->wake.cancel();
}

Lease::~Lease() {
  std::unique_ptr<Connection> connection = drop();
  if (connection && finished_) {
    if (connection->reusable()) {
      pool_->keep(std::move(connection));
    } else {
      connection->close_politely();
    }
  }
  if (entered_) pool_->leave();
}

ResultTask<void> Lease::enter() {
  entered_ = co_await pool_->enter();
  if (!entered_ || pool_->stopped()) co_return Error(Errc::stopped, "stopped");
  co_return Result<void>();
}

Connection* Lease::reuse() {
  hold(pool_->take_idle());
  return connection_.get();
}

Result<Connection*> Lease::renew() {
  TlsContext tls;
  if (pool_->origin_.tls) {
    auto context = pool_->trust_.context();
    if (!context) return context.error();
    tls = std::move(*context);
  }
  hold(std::make_unique<Connection>(pool_->executor_, pool_->origin_, pool_->config_,
                                    std::move(tls)));
  return connection_.get();
}

void Lease::hold(std::unique_ptr<Connection> connection) {
  drop();
  connection_ = std::move(connection);
  if (connection_) pool_->in_use_.insert(connection_.get());
}

std::unique_ptr<Connection> Lease::drop() {
  if (connection_) pool_->in_use_.erase(connection_.get());
  return std::move(connection_);
}

}  // namespace kinto_mirror::http
