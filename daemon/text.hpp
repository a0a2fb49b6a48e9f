#pragma once
// Text from servers and files, made fit for a line of output.

#include <string>
#include <string_view>

namespace kinto_mirror::daemon {

// Each byte that belongs to no character of valid UTF-8 becomes U+FFFD.
std::string to_valid_utf8(std::string_view text);

// As above, and control characters become \n, \x1b...: one line stays one line, and a server
// cannot write to the operator's terminal.
std::string printable(std::string_view text);

}  // namespace kinto_mirror::daemon
