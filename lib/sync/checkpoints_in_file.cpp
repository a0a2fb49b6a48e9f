#include "base/json_slice.hpp"
#include "sync/checkpoint_store.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace kinto_mirror::sync {

namespace {

using Lines = std::map<std::string, std::string>;  // "replica URL\nid" to encoded checkpoint

Error file_error(const std::string& path, std::string_view what, int code) {
  return {Errc::config, "checkpoint file " + path + ": " + std::string(what) + ": " +
                            std::generic_category().message(code)};
}

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

// One file serves all replicas of the daemon, so it is read anew before each change of it.
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
