#pragma once
// What stands behind the '?' of a request.

#include "base/error.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kinto_mirror::daemon {

// The parameters in their order, values decoded: {"collections", "b/*"} of "collections=b%2F*".
// Errors: rejected, for a value that is not percent-encoded.
Result<std::vector<std::pair<std::string, std::string>>> read_query(std::string_view query);

}  // namespace kinto_mirror::daemon
