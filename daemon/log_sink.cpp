#include "daemon/log_sink.hpp"

#include <spdlog/async_logger.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/base_sink.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace kinto_mirror::daemon {

namespace {

constexpr std::chrono::milliseconds exit_deadline{2'000};

// Where the log cannot be written there is nobody to tell.
void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {  // somebody else who has the pipe made it so
      pollfd ready{fd, POLLOUT, 0};
      if (::poll(&ready, 1, -1) < 0 && errno != EINTR) return;
    } else if (errno != EINTR) {
      return;
    }
  }
}

// Signals are the loop's.
void block_signals() {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

// Used by one thread, but for done().
class LogQueue::Sink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  Sink(int fd, DroppedLine dropped) : fd_(fd), dropped_(std::move(dropped)) {}

  void watch(spdlog::details::thread_pool& pool) { pool_ = &pool; }
  [[nodiscard]] std::size_t done() const { return done_; }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    tell_dropped();
    write_all(fd_, std::string_view(message.payload.data(), message.payload.size()));
    ++done_;
  }
  void flush_() override {}

 private:
  // The oldest lines are dropped, so the gap lies before the line that comes now.
  void tell_dropped() {
    spdlog::details::thread_pool* const pool = pool_;
    const std::size_t dropped = pool == nullptr ? 0 : pool->overrun_counter();
    if (dropped == told_) return;
    write_all(fd_, dropped_(dropped - std::exchange(told_, dropped)));
  }

  int fd_;
  DroppedLine dropped_;
  std::atomic<spdlog::details::thread_pool*> pool_{nullptr};
  std::size_t told_ = 0;
  std::atomic<std::size_t> done_{0};
};

struct LogQueue::Parts {
  std::shared_ptr<Sink> sink;
  std::shared_ptr<spdlog::details::thread_pool> pool;  // null: no thread
  std::shared_ptr<spdlog::logger> logger;
  Parts* next = nullptr;  // of those that were left behind
};

LogQueue::LogQueue(int fd, DroppedLine dropped) : parts_(std::make_unique<Parts>()) {
  const auto sink = parts_->sink = std::make_shared<Sink>(fd, std::move(dropped));
  try {
    parts_->pool = std::make_shared<spdlog::details::thread_pool>(max_lines, 1, block_signals);
    sink->watch(*parts_->pool);
    parts_->logger = std::make_shared<spdlog::async_logger>(
        "kinto-mirror", sink, parts_->pool, spdlog::async_overflow_policy::overrun_oldest);
  } catch (const std::system_error&) {  // std::thread has no other way to say so
    parts_->logger = std::make_shared<spdlog::logger>("kinto-mirror", sink);
  }
  parts_->logger->set_level(spdlog::level::trace);
  parts_->logger->set_error_handler([](const std::string&) {});
}

LogQueue::~LogQueue() {
  if (drain(exit_deadline)) return;
  // The pool's destructor would wait for the thread, which waits for a reader.
  static Parts* left_behind = nullptr;
  parts_->next = std::exchange(left_behind, parts_.get());
  static_cast<void>(parts_.release());
}

void LogQueue::push(std::string_view text) {
  ++pushed_;
  parts_->logger->log(spdlog::level::info, spdlog::string_view_t(text.data(), text.size()));
}

bool LogQueue::idle() const {
  const std::size_t dropped = parts_->pool ? parts_->pool->overrun_counter() : 0;
  return parts_->sink->done() + dropped >= pushed_;
}

bool LogQueue::drain(std::chrono::milliseconds longest) const {
  const auto deadline = std::chrono::steady_clock::now() + longest;
  while (!idle()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return true;
}

}  // namespace kinto_mirror::daemon
