#pragma once
// How a run was called: what its messages call that from which it copies, and what they advise.

#include "daemon/config.hpp"

#include <string>
#include <string_view>

namespace kinto_mirror::daemon {

struct Caller {
  enum class Source { master, file };

  std::string command = "run --once";  // or "restore backup.gz", quoted for a shell
  // What the command line gave and another command would lack: " --config mirror.toml --master
  // https://..."; empty where everything comes from the environment. Credentials are masked, and so
  // have to be filled in.
  std::string flags;
  Source source = Source::master;
  bool follows = false;  // a daemon, which may take orders

  // "the master", "the file"
  [[nodiscard]] std::string_view from() const noexcept;
};

Caller caller_of(const Config& config);

// `text` as one word of a POSIX shell.
std::string shell_word(std::string_view text);

}  // namespace kinto_mirror::daemon
