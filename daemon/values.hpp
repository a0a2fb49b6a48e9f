#pragma once
// The values that flags, environment and file hold, from text to data. The message of an error
// continues a sentence that begins with the value: "is neither keep nor delete".

#include "base/error.hpp"
#include "daemon/config.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::daemon {

// "blocklists/*,!blocklists/old,main/certs"
Result<std::vector<std::string>> parse_collections(std::string_view text);

Result<sync::Extras> parse_extras(std::string_view text);

Result<sync::Metadata> parse_metadata(std::string_view text);
Result<sync::Permissions> parse_permissions(std::string_view text);
Result<sync::Groups> parse_groups(std::string_view text);
Result<sync::Deletions> parse_deletions(std::string_view text);
Result<bool> parse_on_off(std::string_view text);

// "system.Everyone,account:alice", each once; "" names none.
Result<std::vector<std::string>> parse_readers(std::string_view text);

// Whether a list of Kinto can hold this principal.
Result<void> check_principal(std::string_view text);

// "0/3": the first of three
Result<sync::Shard> parse_shard(std::string_view text);

// "8"
Result<int> parse_parallel(std::string_view text);

// "100" records, or "10%"
Result<sync::MaxDelete> parse_max_delete(std::string_view text);

// "replica" gives an empty path, "file:PATH" the path.
Result<std::string> parse_checkpoint(std::string_view text);

// "HOST:PORT", "[IPV6]:PORT" or "off"
Result<Listen> parse_listen(std::string_view text);

Result<Level> parse_level(std::string_view text);
Result<LogFormat> parse_log_format(std::string_view text);

// A whole number within [least, most].
Result<std::int64_t> parse_integer(std::string_view text, std::int64_t least, std::int64_t most);

// What follows the name of a replica in logs and reports must be easy to tell from it.
Result<std::string> parse_name(std::string_view text);

}  // namespace kinto_mirror::daemon
