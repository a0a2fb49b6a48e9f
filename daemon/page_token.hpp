#pragma once
// The token of `--status-token-file`, without which the status pages tell nothing.

#include "base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace kinto_mirror::daemon {

// As the configuration has it.
struct PageToken {
  std::string file;   // empty: none is asked for
  std::string token;  // that was read from it

  bool operator==(const PageToken&) const = default;
};

// The token in a file, without line ends behind it. Errors: Errc::config, in words that follow the
// path, and that repeat nothing of the content.
Result<std::string> read_page_token(const std::string& path);

// Whether an Authorization header's value is "Bearer TOKEN" with this token. Takes as long whatever
// a wrong one holds.
bool opens(std::string_view authorization, std::string_view token);

// Follows the file while the daemon runs. One thread.
class PageTokenFile {
 public:
  explicit PageTokenFile(PageToken known);

  [[nodiscard]] bool wanted() const noexcept { return !known_.file.empty(); }
  [[nodiscard]] const std::string& token() const noexcept { return known_.token; }

  // As the configuration has it by now.
  void take(PageToken known);

  // Reads the file anew where it is another one than it was. True: there is another token. What
  // cannot be used changes nothing, and is told once.
  Result<bool> look();

 private:
  // What changes when a file is written or replaced.
  struct Version {
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;

    bool operator==(const Version&) const = default;
  };
  [[nodiscard]] static Version version_of(const std::string& path);

  PageToken known_;
  Version seen_;
};

}  // namespace kinto_mirror::daemon
