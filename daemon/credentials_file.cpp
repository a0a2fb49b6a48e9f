#include "daemon/credentials_file.hpp"

#include "daemon/auth.hpp"
#include "daemon/source.hpp"

#include <utility>

namespace kinto_mirror::daemon {

Result<bool> CredentialsFile::refused(const std::string& used, Instant now) {
  if (path_.empty()) return false;
  if (used != header_) return true;  // of before the last look, which another request asked for
  if (looked_ && now - *looked_ < rest) return false;
  looked_ = now;
  Result<std::string> auth = read_secret(path_);
  Result<std::string> header = auth ? checked_authorization(*auth) : auth;
  if (!header) {
    const std::string what = auth ? path_ + " " + header.error().message : header.error().message;
    if (std::exchange(told_, what) == what) return false;
    return Error(header.error().code, what);
  }
  told_.clear();
  if (*header == header_) return false;
  auth_ = std::move(*auth);
  header_ = std::move(*header);
  return true;
}

void CredentialsFile::take(const Server& server) {
  path_ = server.auth_file;
  auth_ = server.auth;
  header_ = server.authorization;
  told_.clear();
}

}  // namespace kinto_mirror::daemon
