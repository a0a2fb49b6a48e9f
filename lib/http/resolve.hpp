#pragma once
// Host names to addresses, with a deadline: the system's lookup has none that could be trusted.

#include "base/clock.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kinto_mirror::http {

using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

// The system's lookup: blocks for as long as it likes. Errors: unreachable.
Result<Endpoints> look_up_host(const std::string& host, const std::string& port);

// Asks the system in a thread of its own that nobody waits for: with dead name servers it takes
// half a minute, and asio's own resolver would make the io_context, and so the process's exit, wait
// for it. The thread knows no executor: it leaves its finding in a place that both own, and closes
// its end of a pipe. So it may end whenever it likes, also after the io_context.
class Lookup {
 public:
  // Runs in the thread; replaced in tests.
  using Find = std::function<Result<Endpoints>(const std::string& host, const std::string& port)>;

  // Lookups of the whole process that may be under way at once.
  static constexpr int max_threads = 32;

  explicit Lookup(const boost::asio::any_io_executor& executor, Find find = look_up_host);

  // Returns at least one endpoint. An address is taken as it is, without asking anybody.
  // Errors: unreachable (no such name, or `timeout` passed, or too many lookups hang), stopped
  // (cancel() was called).
  ResultTask<Endpoints> run(std::string host, std::string port, Millis timeout);

  // Ends run() at once. The system's lookup goes on in its thread, and its result is dropped.
  void cancel();

 private:
  class Finding;
  struct State;
  static std::shared_ptr<Finding> start(State& state, std::string host, std::string port);

  std::shared_ptr<State> state_;  // shared with run(), whose frame may outlive this object
};

}  // namespace kinto_mirror::http
