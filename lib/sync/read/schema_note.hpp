#pragma once
// What a replica that validates makes of the records' member `schema`.

#include "sync/pass_context.hpp"

#include <optional>
#include <string>

namespace kinto_mirror::sync {

// A Kinto with `experimental_collection_schema_validation` puts the stamp of its own collection
// into the member `schema` of each record that it takes (hazard 46), so that bodies are equal only
// where the stamps of both collections are. Says so where they are not; nothing where the replica
// does not validate, or the collection has no schema there. Two requests on such a replica only.
// Nothing, too, where it cannot be told: it is no failure of the pass.
Task<std::optional<std::string>> schema_note(const PassContext& context, const CollectionId& id);

}  // namespace kinto_mirror::sync
