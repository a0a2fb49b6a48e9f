#include "daemon/notify.hpp"

#include "daemon/text.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace kinto_mirror::daemon {

namespace {

constexpr Millis without_watchdog{10'000};

// A connected datagram socket, or -1.
int connect_to(const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const bool sane = (name.starts_with('/') || name.starts_with('@')) && name.size() > 1 &&
                    name.size() < sizeof(address.sun_path);
  if (!sane) return -1;
  std::memcpy(address.sun_path, name.data(), name.size());
  if (name.front() == '@') address.sun_path[0] = '\0';
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return -1;
  // An abstract name has no end but its length.
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), size) == 0) return socket;
  ::close(socket);
  return -1;
}

std::optional<long long> number(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  long long value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return value;
}

}  // namespace

Notify::Notify(const Environment& environment) {
  const auto socket = environment("NOTIFY_SOCKET");
  if (!socket) return;
  socket_ = connect_to(*socket);
  if (socket_ < 0) return;
  const auto micros = number(environment("WATCHDOG_USEC"));
  const auto pid = environment("WATCHDOG_PID");
  const bool ours = !pid || number(pid) == ::getpid();
  if (micros && *micros > 0 && ours) {
    interval_ = std::max(Millis{1}, Millis{*micros / 2000});
  }
}

Notify::~Notify() {
  if (socket_ >= 0) ::close(socket_);
}

bool Notify::send(std::string_view state) const {
  if (socket_ < 0) return false;
  const auto sent = ::send(socket_, state.data(), state.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return sent == static_cast<ssize_t>(state.size());
}

Task<void> Notify::run(Clock& clock, Stop& stop, std::function<std::string()> status) const {
  if (!enabled()) co_return;
  while (!stop.requested()) {
    const std::string alive = interval_ ? "WATCHDOG=1\n" : "";
    send(alive + "STATUS=" + status_line(status()));
    co_await clock.sleep(std::min(interval_.value_or(without_watchdog), without_watchdog), stop);
  }
}

std::string status_line(std::string_view text) {
  constexpr std::size_t longest = 500;
  return printable(text.substr(0, longest));
}

}  // namespace kinto_mirror::daemon
