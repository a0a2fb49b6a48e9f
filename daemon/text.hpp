#pragma once
// Text from servers and files, made fit for a line of output.

#include "base/utf8.hpp"

#include <string>
#include <string_view>

namespace kinto_mirror::daemon {

// As to_valid_utf8(), and control characters become \n, \x1b...: one line stays one line, and a
// server cannot write to the operator's terminal.
std::string printable(std::string_view text);

}  // namespace kinto_mirror::daemon
