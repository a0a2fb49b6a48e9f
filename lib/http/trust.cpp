#include "http/trust.hpp"

#include <sys/stat.h>

namespace kinto_mirror::http {

auto Trust::mark_of(const std::string& path) -> std::optional<Mark> {
  struct stat found {};
  if (path.empty() || ::stat(path.c_str(), &found) != 0) return std::nullopt;
  return Mark{found.st_dev, found.st_ino, found.st_size, found.st_mtim.tv_sec,
              found.st_mtim.tv_nsec};
}

Result<TlsContext> Trust::context() {
  // Before it is read: what is written meanwhile is read with the next connection.
  const std::optional<Mark> now = mark_of(ca_file_);
  if (context_ && (!now || now == read_)) return context_;
  auto made = make_tls_context(ca_file_);
  passed_over_ = made ? std::string() : made.error().message;
  if (made) {
    context_ = std::move(*made);
    read_ = now;
  } else if (!context_) {
    return made.error();
  }
  return context_;
}

}  // namespace kinto_mirror::http
