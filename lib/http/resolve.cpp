#include "http/resolve.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <netdb.h>
#include <optional>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace kinto_mirror::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// 0, to which nobody listens, if `text` is no port.
unsigned short port_number(std::string_view text) {
  unsigned short number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::atomic<int> places_taken{0};  // by the threads of the whole process

bool take_place() {
  if (++places_taken <= Lookup::max_threads) return true;
  --places_taken;
  return false;
}

}  // namespace

Result<Endpoints> look_up_host(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &list);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, ::freeaddrinfo);
  Endpoints found;
  for (const addrinfo* entry = list; failed == 0 && entry != nullptr; entry = entry->ai_next) {
    tcp::endpoint endpoint;
    if (entry->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), entry->ai_addr, entry->ai_addrlen);
    endpoint.resize(entry->ai_addrlen);
    found.push_back(endpoint);
  }
  if (!found.empty()) return found;
  const std::string reason = failed == 0 ? "no address" : ::gai_strerror(failed);
  return Error(Errc::unreachable,
               "the host name could not be resolved (" + reason + "); check the URL's host");
}

// What the thread leaves. Nothing else is shared between threads.
class Lookup::Finding {
 public:
  explicit Finding(int pipe_end) : pipe_end_(pipe_end) {}
  ~Finding() { close(); }
  Finding(const Finding&) = delete;
  Finding& operator=(const Finding&) = delete;

  void leave(Result<Endpoints> found) {
    const std::lock_guard lock(mutex_);
    found_.emplace(std::move(found));
    close();  // the other end of the pipe becomes readable
  }

  std::optional<Result<Endpoints>> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(found_, std::nullopt);
  }

 private:
  void close() {
    if (pipe_end_ >= 0) ::close(std::exchange(pipe_end_, -1));
  }

  std::mutex mutex_;
  std::optional<Result<Endpoints>> found_;
  int pipe_end_;
};

struct Lookup::State {
  State(const asio::any_io_executor& executor, Find find_)
      : find(std::move(find_)), told(executor), deadline(executor) {}

  void close() {
    boost::system::error_code ignored;
    told.close(ignored);
  }

  Find find;
  asio::posix::stream_descriptor told;  // the end of the pipe that run() waits at
  asio::steady_timer deadline;
  bool cancelled = false;
};

Lookup::Lookup(const asio::any_io_executor& executor, Find find)
    : state_(std::make_shared<State>(executor, std::move(find))) {}

void Lookup::cancel() {
  state_->cancelled = true;
  state_->close();
}

// Null where the system has no descriptor or thread left for it, or too many threads are out.
auto Lookup::start(State& state, std::string host, std::string port) -> std::shared_ptr<Finding> {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return nullptr;
  const auto finding = std::make_shared<Finding>(ends[1]);
  boost::system::error_code not_taken;
  if (state.told.assign(ends[0], not_taken); not_taken) {
    ::close(ends[0]);
    return nullptr;
  }
  if (!take_place()) return nullptr;
  try {
    std::thread([finding, find = state.find, host = std::move(host), port = std::move(port)] {
      finding->leave(find(host, port));
      --places_taken;
    }).detach();
  } catch (const std::system_error&) {
    --places_taken;
    return nullptr;
  }
  return finding;
}

ResultTask<Endpoints> Lookup::run(std::string host, std::string port, Millis timeout) {
  // The frame may outlive this object's owner's patience, never the state.
  const std::shared_ptr<State> state = state_;
  boost::system::error_code not_an_address;
  const asio::ip::address address = asio::ip::make_address(host, not_an_address);
  if (!not_an_address) {
    Endpoints single;
    single.emplace_back(address, port_number(port));
    co_return single;
  }
  if (state->cancelled) co_return Error(Errc::stopped, "stopped");
  const auto finding = start(*state, std::move(host), std::move(port));
  if (!finding) {
    co_return Error(Errc::unreachable,
                    "no thread is left to resolve the host name; do the name servers answer?");
  }
  state->deadline.expires_after(timeout);
  state->deadline.async_wait([state](const boost::system::error_code& error) {
    if (!error) state->close();
  });
  [[maybe_unused]] const auto ignored = co_await state->told.async_wait(
      asio::posix::descriptor_base::wait_read, asio::as_tuple(asio::use_awaitable));
  state->deadline.cancel();
  state->close();

  if (state->cancelled) co_return Error(Errc::stopped, "stopped");
  if (auto found = finding->take()) co_return std::move(*found);
  co_return Error(Errc::unreachable, "the host name could not be resolved within " +
                                         std::to_string(timeout.count()) +
                                         " ms; check the resolver");
}

}  // namespace kinto_mirror::http
