#pragma once
// Host names to addresses, with a deadline: the system's lookup has none that could be trusted.

#include "base/clock.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <string>
#include <vector>

namespace kinto_mirror::http {

using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

class Lookup {
 public:
  explicit Lookup(const boost::asio::any_io_executor& executor);

  // Returns at least one endpoint. An address is taken as it is, without asking anybody.
  // Errors: unreachable (no such name, or `timeout` passed), stopped (cancel() was called).
  ResultTask<Endpoints> run(std::string host, std::string port, Millis timeout);

  // Ends run() at once. The system's lookup goes on in its thread, and its result is dropped.
  void cancel();

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the system's lookup, which may outlive this object
};

}  // namespace kinto_mirror::http
