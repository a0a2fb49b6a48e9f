#pragma once
// The dates of HTTP's headers.

#include "base/types.hpp"

#include <optional>
#include <string_view>

namespace kinto_mirror::kinto {

// An HTTP date in any of the three forms of RFC 9110, 5.6.7: "Tue, 24 Nov 2026 03:48:49 GMT".
std::optional<Stamp> parse_date(std::string_view header);

}  // namespace kinto_mirror::kinto
