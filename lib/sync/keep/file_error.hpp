#pragma once
// What is said where the file of checkpoints, or its lock, fails.

#include "base/error.hpp"

#include <string>
#include <string_view>

namespace kinto_mirror::sync {

// "checkpoint file /tmp/x: cannot be written: No space left on device; ..."; `code` is an errno.
Error file_error(const std::string& path, std::string_view what, int code);

}  // namespace kinto_mirror::sync
