#include "base/json_slice.hpp"
#include "sync/checkpoint_store.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/file.h>
#include <unistd.h>

namespace kinto_mirror::sync {

namespace {

// How long a store waits for the others that share the file: each holds it for as long as the disk
// takes to sync. Well below the ten seconds in which a stop must be over.
constexpr std::chrono::seconds longest_wait{3};
constexpr std::chrono::milliseconds between_tries{10};

using Lines = std::map<std::string, std::string>;  // "replica URL\nid" to encoded checkpoint

Error file_error(const std::string& path, std::string_view what, int code) {
  return {Errc::config, "checkpoint file " + path + ": " + std::string(what) + ": " +
                            std::generic_category().message(code)};
}

// The lock of a file of its own beside the checkpoints: theirs is replaced at each change. It stays
// there, since whoever removed it could not know who waits for it.
class FileLock {
 public:
  explicit FileLock(const std::string& path)
      : path_(path + ".lock"),
        file_(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)),
        open_error_(errno) {}
  ~FileLock() {
    if (file_ >= 0) ::close(file_);  // which unlocks
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  // An error when somebody holds it for too long. Other coroutines go on meanwhile: one of this
  // process may be the one that holds it.
  ResultTask<void> acquire() {
    if (file_ < 0) co_return file_error(path_, "cannot be opened for locking", open_error_);
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    const auto give_up = std::chrono::steady_clock::now() + longest_wait;
    while (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
      const int code = errno;
      if (code == EINTR) continue;
      if (code != EWOULDBLOCK) co_return file_error(path_, "cannot be locked", code);
      if (std::chrono::steady_clock::now() >= give_up) {
        co_return Error(Errc::config,
                        "checkpoint file " + path_ + ": another process has locked it for " +
                            std::to_string(longest_wait.count()) +
                            " s; end that one, or give each daemon a file of its own");
      }
      timer.expires_after(between_tries);
      co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    co_return success();
  }

 private:
  std::string path_;
  int file_;
  int open_error_;
};

// The file's bytes reach the disk before its name does.
Result<void> write_synced(const std::string& path, const std::string& text, bool directory) {
  const int flags = directory ? O_RDONLY | O_DIRECTORY : O_WRONLY | O_CREAT | O_TRUNC;
  const int file = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (file < 0) return file_error(path, "cannot be opened for writing", errno);
  std::size_t done = 0;
  int failed = 0;
  while (done < text.size() && failed == 0) {
    const ssize_t n = ::write(file, text.data() + done, text.size() - done);
    if (n < 0 && errno != EINTR) failed = errno;
    if (n > 0) done += static_cast<std::size_t>(n);
  }
  if (failed == 0 && ::fsync(file) != 0) failed = errno;
  ::close(file);
  if (failed != 0) return file_error(path, "cannot be written", failed);
  return success();
}

Result<void> replace_file(const std::string& path, const std::string& text) {
  const std::string temporary = path + "." + std::to_string(::getpid()) + ".new";
  if (auto written = write_synced(temporary, text, false); !written) return written.error();
  if (std::rename(temporary.c_str(), path.c_str()) != 0) {
    return file_error(path, "cannot be replaced", errno);
  }
  const std::filesystem::path parent = std::filesystem::absolute(path).parent_path();
  return write_synced(parent.string(), std::string(), true);
}

// One file serves all replicas of the daemon, and other daemons too, so it is read anew before each
// change of it.
Result<Lines> read_file(const std::string& path) {
  Lines lines;
  std::error_code failed;
  const bool there = std::filesystem::exists(path, failed);
  if (failed) return file_error(path, "cannot be looked at", failed.value());
  if (!there) return lines;
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return file_error(path, "cannot be read", errno);
  const std::string content = text.str();
  json::ObjectReader reader(content);
  for (json::Member member; reader.next(member);) {
    const auto key = json::to_string("\"" + std::string(member.key) + "\"");
    if (key) lines[*key] = std::string(member.value);
  }
  if (!reader.ok()) {
    return Error(Errc::config, "checkpoint file " + path +
                                   ": is damaged; remove it, and everything is compared again");
  }
  return lines;
}

class InFile final : public CheckpointStore {
 public:
  InFile(std::string path, std::string replica, std::string master)
      : path_(std::move(path)), replica_(std::move(replica)), master_(std::move(master)) {}

  ResultTask<std::optional<Checkpoints>> changes() override {
    if (std::exchange(read_, true)) co_return std::optional<Checkpoints>();
    auto lines = read_file(path_);
    if (!lines) co_return lines.error();
    std::optional<Checkpoints> all(std::in_place);
    for (const auto& [key, text] : *lines) {
      auto checkpoint = decode(text);
      if (!key.starts_with(replica_ + "\n") || !checkpoint || checkpoint->master != master_) {
        continue;
      }
      CollectionId id = checkpoint->collection;
      (*all)[std::move(id)] = std::move(*checkpoint);
    }
    co_return all;
  }

  ResultTask<void> store(Checkpoint checkpoint) override {
    FileLock lock(path_);
    auto locked = co_await lock.acquire();
    if (!locked) co_return locked.error();
    auto lines = read_file(path_);
    if (!lines) co_return lines.error();
    (*lines)[replica_ + "\n" + checkpoint_id(master_, checkpoint.collection)] = encode(checkpoint);
    std::string text;
    for (const auto& [key, value] : *lines) {
      text += text.empty() ? "{\n" : ",\n";
      text += json::quoted(key) + ": " + value;
    }
    text += "\n}\n";
    co_return replace_file(path_, text);
  }

 private:
  std::string path_;
  std::string replica_;
  std::string master_;
  bool read_ = false;
};

}  // namespace

std::unique_ptr<CheckpointStore> checkpoints_in_file(std::string path, std::string replica,
                                                     std::string master) {
  return std::make_unique<InFile>(std::move(path), std::move(replica), std::move(master));
}

}  // namespace kinto_mirror::sync
