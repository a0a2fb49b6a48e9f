#pragma once
// Credentials that may be replaced while the daemon runs: the file of `auth_file` is read anew when
// a server refuses what was read before.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "daemon/config.hpp"

#include <optional>
#include <string>

namespace kinto_mirror::daemon {

// One thread. Shared by all clients of one server.
class CredentialsFile {
 public:
  // The least time between two looks at the file.
  static constexpr Millis rest{3'000};

  explicit CredentialsFile(const Server& server)
      : path_(server.auth_file), auth_(server.auth), header_(server.authorization) {}

  // The Authorization header's value as it is now.
  [[nodiscard]] const std::string& header() const noexcept { return header_; }
  // As the file has it: USER:PASS or Bearer TOKEN.
  [[nodiscard]] const std::string& auth() const noexcept { return auth_; }

  // The server refused `used`. True: header() is another one now, and worth another try. What
  // cannot be read or understood changes nothing; it is the error, each time that it is another.
  Result<bool> refused(const std::string& used, Instant now);

  // As the configuration has them by now.
  void take(const Server& server);

 private:
  std::string path_;  // empty: the credentials did not come from a file
  std::string auth_;
  std::string header_;
  std::optional<Instant> looked_;
  std::string told_;  // the last error
};

}  // namespace kinto_mirror::daemon
