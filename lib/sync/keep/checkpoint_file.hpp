#pragma once
// The file of checkpoints, which several replicas of this process, and other daemons, write to.

#include "base/error.hpp"
#include "base/task.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace kinto_mirror::sync {

// One for each path in a process. REQUIRES: one thread.
class CheckpointFile {
 public:
  using Lines = std::map<std::string, std::string>;  // keys to encoded checkpoints

  // What tells one state of the file from another; all zero where there is none.
  struct Version {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t bytes = 0;
    std::int64_t modified_s = 0;
    std::int64_t modified_ns = 0;
    bool operator==(const Version&) const = default;
  };

  // What such a file says; nothing where it is damaged.
  static std::optional<Lines> parse(std::string_view text);
  // As parse() reads it.
  static std::string print(const Lines& lines);

  explicit CheckpointFile(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] Result<Version> version() const;
  [[nodiscard]] Result<Lines> read() const;

  // The line is on the disk when this returns; an empty value takes it away. What is put while
  // another put waits is written with it, so that many cost one write. Errc::busy where another
  // process holds the file for too long.
  ResultTask<void> put(std::string key, std::string value);

 private:
  struct Round;

  ResultTask<void> write(Round& round);
  Result<void> merge(const Lines& fresh) const;

  std::string path_;
  std::shared_ptr<Round> gathering_;
  std::chrono::steady_clock::time_point left_;  // when this process last left the lock
};

}  // namespace kinto_mirror::sync
