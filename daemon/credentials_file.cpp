#include "daemon/credentials_file.hpp"

#include "daemon/auth.hpp"
#include "daemon/source.hpp"

#include <utility>

namespace kinto_mirror::daemon {

bool CredentialsFile::refused(const std::string& used, Instant now) {
  if (path_.empty()) return false;
  if (used != header_) return true;  // of before the last look, which another request asked for
  if (looked_ && now - *looked_ < rest) return false;
  looked_ = now;
  Result<std::string> auth = read_secret(path_);
  if (!auth) return false;
  Result<std::string> header = checked_authorization(*auth);
  if (!header || *header == header_) return false;
  auth_ = std::move(*auth);
  header_ = std::move(*header);
  return true;
}

}  // namespace kinto_mirror::daemon
