#include "sync/keep/file_lock.hpp"

#include "sync/keep/file_error.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace kinto_mirror::sync {

namespace {

// How long to wait for the others that share the file: each holds it for as long as the disk takes
// to sync. Well below the ten seconds in which a stop must be over.
constexpr std::chrono::seconds longest_wait{3};

}  // namespace

FileLock::FileLock(const std::string& path)
    : path_(path + ".lock"),
      file_(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)),
      open_error_(errno) {}

FileLock::~FileLock() {
  if (file_ >= 0) ::close(file_);  // which unlocks
}

ResultTask<void> FileLock::acquire() {
  if (file_ < 0) co_return file_error(path_, "cannot be opened for locking", open_error_);
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
  const auto give_up = std::chrono::steady_clock::now() + longest_wait;
  while (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
    const int code = errno;
    if (code == EINTR) continue;
    if (code != EWOULDBLOCK) co_return file_error(path_, "cannot be locked", code);
    if (std::chrono::steady_clock::now() >= give_up) {
      co_return Error(Errc::busy,
                      "checkpoint file " + path_ + ": other processes held it at each try for " +
                          std::to_string(longest_wait.count()) +
                          " s, so the checkpoint is not stored; where that lasts, see who holds "
                          "it, or give each daemon a file of its own");
    }
    timer.expires_after(between_tries);
    co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }
  co_return success();
}

}  // namespace kinto_mirror::sync
