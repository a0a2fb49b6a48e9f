#pragma once
// Small files that the configuration names.

#include "base/error.hpp"

#include <string>

namespace kinto_mirror::daemon {

// The whole of a file of at most 1 MiB. Errors: Errc::config, in words that follow the path:
// "cannot be read: No such file or directory".
Result<std::string> read_file(const std::string& path);

// Whether it is no folder, and in a folder that exists.
bool can_be_file(const std::string& path);

}  // namespace kinto_mirror::daemon
