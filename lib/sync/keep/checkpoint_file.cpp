#include "sync/keep/checkpoint_file.hpp"

#include "base/json_slice.hpp"
#include "sync/keep/file_error.hpp"
#include "sync/keep/file_lock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace kinto_mirror::sync {

namespace {

using std::chrono::steady_clock;

// Who waits for a lock looks only now and then, and would never find it free between writes of
// another process that follow each other at once.
constexpr std::chrono::milliseconds left_to_others = 2 * FileLock::between_tries;

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
  auto written = write_synced(temporary, text, false);
  if (written && std::rename(temporary.c_str(), path.c_str()) != 0) {
    written = file_error(path, "cannot be replaced", errno);
  }
  if (!written) {
    ::unlink(temporary.c_str());  // which is not there, where it could not be opened
    return written.error();
  }
  const std::filesystem::path parent = std::filesystem::absolute(path).parent_path();
  return write_synced(parent.string(), std::string(), true);
}

}  // namespace

// Lines that wait to be written together.
struct CheckpointFile::Round {
  explicit Round(const boost::asio::any_io_executor& executor)
      : ended(executor, steady_clock::time_point::max()) {}
  Lines lines;
  std::optional<Result<void>> result;
  boost::asio::steady_timer ended;  // cancelled when the result is there
};

std::optional<CheckpointFile::Lines> CheckpointFile::parse(std::string_view text) {
  Lines lines;
  json::Cursor cursor(text);
  json::ObjectReader reader(cursor);
  for (json::Member member; reader.next(member);) {
    const auto key = json::to_string("\"" + std::string(member.key) + "\"");
    if (key) lines[*key] = std::string(member.value);
  }
  if (!reader.ok() || !cursor.ended()) return std::nullopt;
  return lines;
}

std::string CheckpointFile::print(const Lines& lines) {
  std::string text = "{";
  for (const auto& [key, value] : lines) {
    text += text.size() == 1 ? "\n" : ",\n";
    text += json::quoted(key) + ": " + value;
  }
  return text + "\n}\n";
}

Result<CheckpointFile::Version> CheckpointFile::version() const {
  Version version;
  struct stat found {};
  if (::stat(path_.c_str(), &found) != 0) {
    if (errno == ENOENT) return version;
    return file_error(path_, "cannot be looked at", errno);
  }
  version.device = found.st_dev;
  version.inode = found.st_ino;
  version.bytes = found.st_size;
  version.modified_s = found.st_mtim.tv_sec;
  version.modified_ns = found.st_mtim.tv_nsec;
  return version;
}

Result<CheckpointFile::Lines> CheckpointFile::read() const {
  Lines lines;
  std::error_code failed;
  const bool there = std::filesystem::exists(path_, failed);
  if (failed) return file_error(path_, "cannot be looked at", failed.value());
  if (!there) return lines;
  std::ifstream in(path_, std::ios::binary);
  in.peek();  // a read that fails is told by `in` only here
  if (!in.is_open() || in.bad()) return file_error(path_, "cannot be read", errno);
  std::ostringstream text;
  text << in.rdbuf();
  auto read = parse(text.str());
  if (!read) {
    return Error(Errc::config, "checkpoint file " + path_ +
                                   ": is damaged; remove it, and everything is compared again");
  }
  return std::move(*read);
}

ResultTask<void> CheckpointFile::put(std::string key, std::string value) {
  const auto executor = co_await boost::asio::this_coro::executor;
  const bool leads = !gathering_;
  if (leads) gathering_ = std::make_shared<Round>(executor);
  const std::shared_ptr<Round> round = gathering_;
  round->lines[std::move(key)] = std::move(value);
  if (leads) {
    auto written = co_await write(*round);
    round->result = std::move(written);
    round->ended.cancel();
  }
  while (!round->result) {
    co_await round->ended.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }
  co_return *round->result;
}

ResultTask<void> CheckpointFile::write(Round& round) {
  boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor);
  pause.expires_at(left_ + left_to_others);
  co_await pause.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  FileLock lock(path_);
  auto locked = co_await lock.acquire();
  gathering_.reset();  // what comes from here on is of the next round
  if (!locked) co_return locked.error();
  auto merged = merge(round.lines);
  left_ = steady_clock::now();
  co_return merged;
}

// Other daemons write too, so the file is read anew before each change of it.
Result<void> CheckpointFile::merge(const Lines& fresh) const {
  auto lines = read();
  if (!lines) return lines.error();
  for (const auto& [key, value] : fresh) {
    if (value.empty()) {
      lines->erase(key);
    } else {
      (*lines)[key] = value;
    }
  }
  return replace_file(path_, print(*lines));
}

}  // namespace kinto_mirror::sync
