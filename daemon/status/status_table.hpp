#pragma once
// The state of the daemon for people.

#include "base/error.hpp"

#include <string>
#include <string_view>

namespace kinto_mirror::daemon {

// Of what `/status` answered. A member that is missing, as with a daemon of another version, is
// shown as "-". Errc::rejected where `text` is no JSON object.
Result<std::string> status_table(std::string_view text);

}  // namespace kinto_mirror::daemon
