#include "daemon/page_token.hpp"

#include "daemon/files.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <sys/stat.h>
#include <utility>

namespace kinto_mirror::daemon {

namespace {

constexpr std::string_view scheme = "Bearer ";

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_visible(char c) noexcept {
  return c > ' ' && c < '\x7f';
}

bool is_bearer(std::string_view authorization) {
  return authorization.size() > scheme.size() &&
         std::ranges::equal(authorization.substr(0, scheme.size()), scheme, {}, lower, lower);
}

}  // namespace

Result<std::string> read_page_token(const std::string& path) {
  Result<std::string> content = read_file(path);
  if (!content) return content;
  while (content->ends_with('\n') || content->ends_with('\r')) content->pop_back();
  if (content->empty()) return Error(Errc::config, "is empty, where a token belongs");
  if (!std::ranges::all_of(*content, is_visible)) {
    return Error(Errc::config,
                 "holds more than a token: one line of letters, digits and signs, without blanks");
  }
  return content;
}

bool opens(std::string_view authorization, std::string_view token) {
  if (token.empty() || !is_bearer(authorization)) return false;
  const std::string_view given = authorization.substr(scheme.size());
  return given.size() == token.size() &&
         CRYPTO_memcmp(given.data(), token.data(), token.size()) == 0;
}

PageTokenFile::PageTokenFile(PageToken known) {
  take(std::move(known));
}

void PageTokenFile::take(PageToken known) {
  known_ = std::move(known);
  seen_ = {};  // it may have changed since it was read
}

Result<bool> PageTokenFile::look() {
  if (!wanted()) return false;
  const Version now = version_of(known_.file);
  if (std::exchange(seen_, now) == now) return false;
  auto token = read_page_token(known_.file);
  if (!token) return Error(token.error().code, known_.file + " " + token.error().message);
  if (*token == known_.token) return false;
  known_.token = std::move(*token);
  return true;
}

PageTokenFile::Version PageTokenFile::version_of(const std::string& path) {
  struct stat found {};
  if (path.empty() || ::stat(path.c_str(), &found) != 0) return {};
  return {found.st_ino, found.st_size, found.st_ctim.tv_sec, found.st_ctim.tv_nsec};
}

}  // namespace kinto_mirror::daemon
