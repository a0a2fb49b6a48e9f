#pragma once
// Redirects are not followed, but told of. One to the very address that was asked cannot be mended
// by another address, and needs other advice than the rest. Pure.

#include "base/error.hpp"
#include "http/transport.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kinto_mirror::kinto {

// 304 is none: it says of a stored answer that it is still right.
bool is_redirect(int status) noexcept;

// "301, a redirect to http://other.test/v1/, which is not followed: ...". REQUIRES: is_redirect().
std::string redirected(const http::Response& answer);

// What to tell of an answer that redirects a request for `target` back to where it was sent;
// nothing of any other answer.
std::optional<Error> redirect_to_itself(const http::Origin& origin, std::string_view target,
                                        const http::Response& answer);

}  // namespace kinto_mirror::kinto
