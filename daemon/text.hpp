#pragma once
// Text from servers and files, made fit for a line of output.

#include "base/utf8.hpp"

#include <string>
#include <string_view>

namespace kinto_mirror::daemon {

// As to_valid_utf8(), and control characters become \n, \x1b...: one line stays one line, and a
// server cannot write to the operator's terminal.
std::string printable(std::string_view text);

// What a server's `message` says behind its own name, where it begins with that: for who has named
// it already.
std::string_view without_name(std::string_view message, std::string_view name) noexcept;

}  // namespace kinto_mirror::daemon
