#include "daemon/control/socket.hpp"

#include <boost/asio/local/stream_protocol.hpp>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace kinto_mirror::daemon {

namespace asio = boost::asio;
using asio::local::stream_protocol;
using boost::system::error_code;

namespace {

constexpr std::string_view another_path =
    "; give another path, or off, with --control, KINTO_MIRROR_CONTROL or path under [control]";

Error cannot(const Config& config, Errc code, const std::string& why) {
  const Origin origin = origin_of(config, "control.path");
  const std::string name = origin.place.empty() ? "--control" : origin.place;
  return {code,
          name + ": cannot listen at " + config.control + ": " + why + std::string(another_path)};
}

// Until the process ends, or the descriptor is closed.
Result<int> lock(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return Error(Errc::config, path + ": " + std::strerror(errno));
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) return file;
  ::close(file);
  return Error(Errc::busy, "another daemon takes orders there");
}

// What is no socket was put there by somebody else.
bool is_taken(const std::string& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0 && !S_ISSOCK(found.st_mode);
}

// Nobody else can open it, not even for a moment.
error_code listen_at(stream_protocol::acceptor& acceptor, const std::string& path) {
  error_code error;
  acceptor.open(stream_protocol(), error);
  if (error) return error;
  const mode_t before = ::umask(0177);
  acceptor.bind(stream_protocol::endpoint(path), error);
  ::umask(before);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error;
}

}  // namespace

Result<ControlSocket> ControlSocket::open(const asio::any_io_executor& executor,
                                          const Config& config) {
  const Errc wrong =
      origin_of(config, "control.path").kind == Origin::Kind::flag ? Errc::usage : Errc::config;
  const std::string& path = config.control;
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return cannot(config, wrong,
                  "a path of a socket is shorter than " +
                      std::to_string(sizeof(sockaddr_un::sun_path)) + " bytes");
  }
  // Before anything is left beside it.
  if (is_taken(path)) return cannot(config, wrong, "a file that is no socket is there");
  const auto held = lock(path + ".lock");
  if (!held) {
    const bool busy = held.error().code == Errc::busy;
    return cannot(config, busy ? Errc::busy : wrong, held.error().message);
  }
  stream_protocol::acceptor acceptor(executor);
  if (!is_taken(path)) ::unlink(path.c_str());
  if (const error_code error = listen_at(acceptor, path)) {
    ::close(*held);
    return cannot(config, wrong, error.message());
  }
  return ControlSocket(path, *held, StreamAcceptor(std::move(acceptor)));
}

ControlSocket::ControlSocket(ControlSocket&& other) noexcept
    : path_(std::move(other.path_)),
      lock_(std::exchange(other.lock_, -1)),
      acceptor_(std::move(other.acceptor_)) {}

ControlSocket::~ControlSocket() {
  if (lock_ < 0) return;
  ::unlink(path_.c_str());
  ::close(lock_);
}

bool control_was_given(const Config& config) {
  return origin_of(config, "control.path").kind != Origin::Kind::fallback;
}

std::string default_control(const std::string& runtime_directory, const std::string& xdg_runtime) {
  // Of several folders that systemd made, the first.
  const std::string folder = runtime_directory.substr(0, runtime_directory.find(':'));
  if (!folder.empty()) return folder + "/control.sock";
  return xdg_runtime.empty() ? "" : xdg_runtime + "/kinto-mirror.sock";
}

}  // namespace kinto_mirror::daemon
