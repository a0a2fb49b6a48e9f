#pragma once
// Whom the connections to one origin trust, as the ca_file says at the moment.

#include "http/tls.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>

namespace kinto_mirror::http {

// One thread.
class Trust {
 public:
  explicit Trust(std::string ca_file) : ca_file_(std::move(ca_file)) {}

  // For a new connection. The file is read anew where it is another one than the last time, by
  // inode, size and time of change; one that cannot be used then (half written, for one) changes
  // nothing, and is tried again with the next connection. The system's store is read once.
  // Errors: config, where there never was one that could be used.
  Result<TlsContext> context();

  // Why the file as it is now is passed over; empty where it is not.
  [[nodiscard]] const std::string& passed_over() const noexcept { return passed_over_; }

 private:
  // What tells one state of a file from another.
  struct Mark {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;

    bool operator==(const Mark&) const = default;
  };

  [[nodiscard]] static std::optional<Mark> mark_of(const std::string& path);

  std::string ca_file_;  // empty: the system's store
  TlsContext context_;
  std::optional<Mark> read_;
  std::string passed_over_;
};

}  // namespace kinto_mirror::http
