#pragma once
// The connections to one origin: how many there may be, who waits for one, which are idle.

#include "http/connection.hpp"
#include "http/trust.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <list>
#include <memory>
#include <set>

namespace kinto_mirror::http {

// Owned by shared_ptr: exchanges in flight keep it alive when the transport is destroyed.
class Pool : public std::enable_shared_from_this<Pool> {
 public:
  Pool(const boost::asio::any_io_executor& executor, Origin origin, TransportConfig config);

  [[nodiscard]] const Origin& origin() const noexcept { return origin_; }
  [[nodiscard]] const TransportConfig& config() const noexcept { return config_; }
  [[nodiscard]] bool stopped() const noexcept { return stopped_; }
  [[nodiscard]] const Trust& trust() const noexcept { return trust_; }

  // Whether any request was ever answered.
  [[nodiscard]] bool answered() const noexcept { return answered_; }
  void has_answered() noexcept { answered_ = true; }

  // Closes everything and wakes everyone who waits. For good.
  void stop();

 private:
  friend class Lease;
  struct Waiter;

  Task<bool> enter();
  void leave();
  std::unique_ptr<Connection> take_idle();
  void keep(std::unique_ptr<Connection> connection);
  void close_expired();
  [[nodiscard]] bool is_old(const Connection& connection) const;
  void arm_expiry();

  struct Idle {
    std::unique_ptr<Connection> connection;
    Instant until;
  };

  boost::asio::any_io_executor executor_;
  Origin origin_;
  TransportConfig config_;
  Trust trust_;
  bool stopped_ = false;
  bool answered_ = false;
  std::size_t free_;            // places that nobody holds
  std::list<Waiter*> waiters_;  // first come, first served
  std::set<Connection*> in_use_;
  std::deque<Idle> idle_;  // the one used last stands last
  boost::asio::steady_timer expiry_;
};

// A place in the pool, and a connection on it. Both go back when it goes out of scope.
class Lease {
 public:
  explicit Lease(std::shared_ptr<Pool> pool) : pool_(std::move(pool)) {}
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  // Waits for a place. Errors: stopped.
  ResultTask<void> enter();

  // A kept connection, or null. REQUIRES: enter() succeeded.
  Connection* reuse();

  // A new connection in place of the one held, not yet open. Errors: config.
  Result<Connection*> renew();

  // The answer is complete: when the lease ends, the connection is kept if it can be used again,
  // and takes its leave if not. Without this call it is dropped.
  void finish() noexcept { finished_ = true; }

 private:
  void hold(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> drop();

  std::shared_ptr<Pool> pool_;
  std::unique_ptr<Connection> connection_;
  bool entered_ = false;
  bool finished_ = false;
};

}  // namespace kinto_mirror::http
