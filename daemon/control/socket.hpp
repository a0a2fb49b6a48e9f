#pragma once
// The unix socket at which a daemon takes orders.

#include "base/error.hpp"
#include "daemon/config.hpp"
#include "daemon/status/http_server.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <string>

namespace kinto_mirror::daemon {

// Whoever may open the socket may order, so that it is its user's alone (0600). It goes with this
// object; what a daemon that was killed has left is replaced. One daemon at a time has it: a lock
// on a file beside it, which stays, tells whether the other one is alive.
class ControlSocket {
 public:
  // Listens at config.control. Errors name the setting and the mend: busy where another daemon has
  // it, else usage or config, by where the path came from.
  static Result<ControlSocket> open(const boost::asio::any_io_executor& executor,
                                    const Config& config);

  ControlSocket(ControlSocket&& other) noexcept;
  ControlSocket& operator=(ControlSocket&&) = delete;
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;
  ~ControlSocket();

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  // To be served. REQUIRES: called once.
  StreamAcceptor take() { return std::move(acceptor_); }

 private:
  ControlSocket(std::string path, int lock, StreamAcceptor acceptor)
      : path_(std::move(path)), lock_(lock), acceptor_(std::move(acceptor)) {}

  std::string path_;
  int lock_;  // -1: moved from
  StreamAcceptor acceptor_;
};

// Whether somebody asked for this path: the default one may be another daemon's.
bool control_was_given(const Config& config);

// Where the daemon of this environment has its socket where nothing says it: in the folder that
// systemd made for it, else in the user's own; empty: nowhere.
std::string default_control(const std::string& runtime_directory, const std::string& xdg_runtime);

}  // namespace kinto_mirror::daemon
