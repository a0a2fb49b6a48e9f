#pragma once
// Reads and writes of objects as the storage backends do them.

#include "model/context.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::model {

// The collection's ETag. The first access of any kind creates it. Raises 503 where that is refused.
Epoch timestamp(Server& server, const Place& place);

// Creates, replaces or brings back. `chosen` is the client's stamp. Raises 409 and 503.
Object write_object(Server& server, const Place& place, const std::string& id, json::object data,
                    std::optional<Epoch> chosen);

// Leaves a tombstone, which it returns.
Object bury(Server& server, const Place& place, const std::string& id, std::optional<Epoch> chosen);

// What a deleted bucket or collection takes along: no tombstone remains.
void erase_under(Server& server, const std::string& uri, bool with_children);

// Tombstones go, and with them the timestamps of collections: `kinto purge-deleted`.
void purge_tombstones(Server& server, const std::string& parent_pattern);

// SQL's LIKE: % is any text, _ any character.
bool is_like(std::string_view text, std::string_view pattern) noexcept;

}  // namespace kinto_mirror::model
