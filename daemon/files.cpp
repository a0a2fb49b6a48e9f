#include "daemon/files.hpp"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

namespace kinto_mirror::daemon {

namespace {

// A configuration, a secret or a bundle of certificates is smaller; /dev/zero is not.
constexpr std::size_t max_bytes = std::size_t{1} << 20U;

Error unreadable(int error) {
  return Error(Errc::config, "cannot be read: " + std::generic_category().message(error));
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             std::fclose);
  if (!file) return unreadable(errno);
  std::string content(max_bytes + 1, '\0');
  errno = 0;
  content.resize(std::fread(content.data(), 1, content.size(), file.get()));
  if (std::ferror(file.get()) != 0) return unreadable(errno);
  if (content.size() > max_bytes) return Error(Errc::config, "is larger than 1 MiB");
  return content;
}

bool can_be_file(const std::string& path) {
  std::error_code ignored;
  const std::filesystem::path absolute = std::filesystem::absolute(path, ignored);
  return std::filesystem::is_directory(absolute.parent_path(), ignored) &&
         !std::filesystem::is_directory(absolute, ignored);
}

}  // namespace kinto_mirror::daemon
