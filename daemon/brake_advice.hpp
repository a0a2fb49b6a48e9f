#pragma once
// The command that lets the brake go, whole, so that it can be pasted as it stands.

#include "daemon/caller.hpp"
#include "sync/decide/report.hpp"

#include <string>
#include <string_view>

namespace kinto_mirror::daemon {

// "kinto-mirror run --once --collections b/c --extras delete --max-delete 375", and the caller's
// flags.
std::string release_command(std::string_view collection, std::string_view max_delete,
                            const Caller& caller);

// What --max-delete must be: a number of records, or "100%" where no number lets it go.
std::string max_delete_for(const sync::BrakeReport& brake);

// "10 are allowed", or why none is.
std::string allowed_text(std::int64_t allowed, bool master_lost, const Caller& caller);

}  // namespace kinto_mirror::daemon
