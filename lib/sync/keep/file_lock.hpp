#pragma once
// The lock that processes which share a file hold while they change it.

#include "base/error.hpp"
#include "base/task.hpp"

#include <chrono>
#include <string>

namespace kinto_mirror::sync {

// The lock of a file of its own beside the one that is guarded: that is replaced at each change. It
// stays there, since whoever removed it could not know who waits for it.
class FileLock {
 public:
  static constexpr std::chrono::milliseconds between_tries{10};

  explicit FileLock(const std::string& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  // Errc::busy when another holder has it for too long. Other coroutines go on meanwhile.
  ResultTask<void> acquire();

 private:
  std::string path_;
  int file_;
  int open_error_;
};

}  // namespace kinto_mirror::sync
