#pragma once
// How the daemon presents itself to one server: Basic or Bearer.

#include "base/error.hpp"

#include <string>
#include <string_view>

namespace kinto_mirror::kinto {

// The value of the Authorization header for "USER:PASS" or "Bearer TOKEN"; empty for empty.
// Errc::config for anything else. The error never repeats what was given.
Result<std::string> authorization(std::string_view auth);

}  // namespace kinto_mirror::kinto
