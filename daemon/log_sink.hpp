#pragma once
// Where the log's lines leave the process: a thread of their own, which may hang for as long as
// nobody reads the pipe at the other end, while the loop goes on.
//
// spdlog brings the bounded queue and the thread. What it leaves to us: it would wait at the exit
// until the last line is read, so a queue that does not empty in time is left behind.

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace kinto_mirror::daemon {

class LogQueue {
 public:
  // Lines that wait to be written. Beyond that the oldest is dropped for each new one.
  static constexpr std::size_t max_lines = 1024;

  // The line that tells of `lines` dropped ones, with its line end. Called in the thread.
  using DroppedLine = std::function<std::string(std::size_t lines)>;

  // To the descriptor `fd`, which is neither closed nor changed. Where the system has no thread
  // left, lines are written by the caller.
  LogQueue(int fd, DroppedLine dropped);

  // Gives what waits two seconds, so that the process can end in time; then leaves it behind.
  ~LogQueue();
  LogQueue(const LogQueue&) = delete;
  LogQueue& operator=(const LogQueue&) = delete;

  // Takes `text` as it is; a line holds its own line end. Never blocks.
  void push(std::string_view text);

  // Waits until everything is written, at most for so long. False: something still waits.
  bool drain(std::chrono::milliseconds longest) const;

  // Nothing waits, nor is anything being written.
  [[nodiscard]] bool idle() const;

 private:
  class Sink;
  struct Parts;

  std::unique_ptr<Parts> parts_;  // together, since they may be left behind
  std::size_t pushed_ = 0;
};

}  // namespace kinto_mirror::daemon
