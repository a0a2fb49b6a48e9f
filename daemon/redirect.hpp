#pragma once
// Redirects are not followed. One to the very address that was asked cannot be mended by another
// address, and needs other advice than the rest.

#include "base/error.hpp"
#include "http/transport.hpp"

#include <optional>
#include <string_view>

namespace kinto_mirror::daemon {

// What to tell of an answer that redirects a request for `target` back to where it was sent;
// nothing of any other answer.
std::optional<Error> redirect_to_itself(const http::Origin& origin, std::string_view target,
                                        const http::Response& answer);

}  // namespace kinto_mirror::daemon
