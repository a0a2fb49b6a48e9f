#pragma once
// Basic authentication, as Kinto's basicauth policy has it, and base64.

#include <optional>
#include <string>
#include <string_view>

namespace kinto_mirror::model {

// "basicauth:<digest>", or nothing if the header says nobody.
std::optional<std::string> principal_of(std::string_view authorization, std::string_view secret);

std::string to_base64(std::string_view text);
// Leaves out what is no base64, as Python does; nothing if the rest has an impossible length.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace kinto_mirror::model
