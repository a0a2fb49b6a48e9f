#pragma once
// RFC 4648's base64, with padding.

#include <optional>
#include <string>
#include <string_view>

namespace kinto_mirror {

std::string to_base64(std::string_view bytes);

// Nothing where `text` is none, or empty.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace kinto_mirror
