#include "daemon/notify.hpp"

#include "daemon/test_inputs.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <array>
#include <cstddef>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>

namespace kinto_mirror::daemon {

namespace {

// What a service manager holds: a datagram socket under a name.
class Manager {
 public:
  explicit Manager(std::string name) : name_(std::move(name)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name_.data(), name_.size());
    if (name_.front() == '@') address.sun_path[0] = '\0';
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
  }
  ~Manager() {
    ::close(socket_);
    if (name_.front() != '@') ::unlink(name_.c_str());
  }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  // The next message, or "" where there is none.
  std::string message() {
    std::array<char, 4096> bytes{};
    const ssize_t size = ::recv(socket_, bytes.data(), bytes.size(), 0);
    return size < 0 ? "" : std::string(bytes.data(), static_cast<std::size_t>(size));
  }

 private:
  std::string name_;
  int socket_;
};

std::string own(const std::string& name) {
  return name + std::to_string(::getpid());
}

}  // namespace

TEST_CASE("messages reach a socket in the file system and an abstract one") {
  for (const std::string& name : {own("/tmp/kinto-mirror-notify-"), own("@kinto-mirror-notify-")}) {
    Manager manager(name);
    const Notify notify(environment_of({{"NOTIFY_SOCKET", name}}));
    REQUIRE(notify.enabled());
    CHECK(notify.send("READY=1"));
    CHECK(manager.message() == "READY=1");
    CHECK(!notify.watchdog_interval());
  }
}

TEST_CASE("without a manager nothing is told, and nothing goes wrong") {
  for (const char* name : {"", "/no/such/socket", "relative", "@", "vsock:2:1"}) {
    const Notify notify(environment_of({{"NOTIFY_SOCKET", name}, {"WATCHDOG_USEC", "1000000"}}));
    CHECK(!notify.enabled());
    CHECK(!notify.watchdog_interval());
    CHECK(!notify.send("READY=1"));
  }
  CHECK(!Notify(environment_of({})).enabled());
  const std::string longer = "/" + std::string(200, 'x');
  CHECK(!Notify(environment_of({{"NOTIFY_SOCKET", longer}})).enabled());
}

TEST_CASE("a manager that is gone, or takes nothing, is not waited for") {
  const std::string name = own("@kinto-mirror-gone-");
  auto manager = std::make_unique<Manager>(name);
  const Notify notify(environment_of({{"NOTIFY_SOCKET", name}}));
  bool taken = true;
  for (int i = 0; i < 100'000 && taken; ++i) taken = notify.send("STATUS=x");
  CHECK(!taken);
  manager.reset();
  CHECK(!notify.send("STATUS=x"));
}

TEST_CASE("the watchdog hears from us at half of its time, if it is ours") {
  Manager manager(own("@kinto-mirror-dog-"));
  const auto interval = [](Variables more) {
    more["NOTIFY_SOCKET"] = own("@kinto-mirror-dog-");
    return Notify(environment_of(std::move(more))).watchdog_interval();
  };
  CHECK(interval({{"WATCHDOG_USEC", "30000000"}}) == Millis{15'000});
  CHECK(interval({{"WATCHDOG_USEC", "30000000"}, {"WATCHDOG_PID", std::to_string(::getpid())}}) ==
        Millis{15'000});
  CHECK(!interval({{"WATCHDOG_USEC", "30000000"}, {"WATCHDOG_PID", "1"}}));
  CHECK(!interval({{"WATCHDOG_USEC", "soon"}}));
  CHECK(!interval({{"WATCHDOG_USEC", "0"}}));
}

TEST_CASE("signs of life come with the status, until the stop") {
  Manager manager(own("@kinto-mirror-life-"));
  const Notify notify(
      environment_of({{"NOTIFY_SOCKET", own("@kinto-mirror-life-")}, {"WATCHDOG_USEC", "100000"}}));
  boost::asio::io_context context;
  SystemClock clock;
  Stop stop;
  int looks = 0;
  boost::asio::co_spawn(context,
                        notify.run(clock, stop,
                                   [&] {
                                     if (++looks == 3) stop.request();
                                     return "look\n" + std::to_string(looks);
                                   }),
                        boost::asio::detached);
  context.run_for(std::chrono::seconds(10));
  CHECK(looks == 3);
  for (const char* look : {"1", "2", "3"}) {
    CHECK(manager.message() == std::string("WATCHDOG=1\nSTATUS=look\\n") + look);
  }
  CHECK(manager.message() == "");
}

}  // namespace kinto_mirror::daemon
