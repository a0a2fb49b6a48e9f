#pragma once
// What hangs on buckets, collections and groups. It happens at the end of a request or batch.

#include "model/context.hpp"

#include <string>

namespace kinto_mirror::model {

// Raises 404 if the records' collection does not exist.
void find_collection(Call& call);

// To be called before the object goes.
void note_deleted(Call& call, const std::string& id);
// To be called behind it.
void note_tombstone(Call& call, const Object& tombstone);
Event written_event(const Call& call, const std::string& id, const Object* old,
                    const json::object& data);

// Cascades of deletions, members of groups.
void finish(Server& server, Unit& unit);

}  // namespace kinto_mirror::model
