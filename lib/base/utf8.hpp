#pragma once
// Bytes of unknown origin, made fit for whoever expects UTF-8.

#include <string>
#include <string_view>

namespace kinto_mirror {

// Each byte that belongs to no character of valid UTF-8 becomes U+FFFD.
std::string to_valid_utf8(std::string_view text);

}  // namespace kinto_mirror
