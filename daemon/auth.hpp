#pragma once
// Credentials as an operator writes them, and what of them may be printed.

#include "base/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::daemon {

// The Authorization header's value for "USER:PASS" or "Bearer TOKEN". Stricter than the wire needs:
// a blank inside a token is a mistake in quoting. The error repeats nothing of what was given.
Result<std::string> checked_authorization(std::string_view auth);

// "user:****", "Bearer ****"; empty for empty.
std::string masked_auth(std::string_view auth);

// The whole, the password or token, and both as they go on the wire: to be kept out of all output.
std::vector<std::string> secrets_of_auth(std::string_view auth);

}  // namespace kinto_mirror::daemon
