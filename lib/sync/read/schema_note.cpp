#include "sync/read/schema_note.hpp"

#include "base/json_slice.hpp"

namespace kinto_mirror::sync {

Task<std::optional<std::string>> schema_note(const PassContext& context, const CollectionId& id) {
  if (!context.replica.validates()) co_return std::nullopt;
  const std::string path = kinto::collection_path(id);
  const auto here = co_await context.replica.object(path);
  if (!here || !json::member(here->entries.front().raw, "schema")) co_return std::nullopt;
  const auto there = co_await context.master.object(path);
  if (!there) co_return std::nullopt;
  const Stamp own = here->entries.front().stamp;
  const Stamp masters = there->entries.front().stamp;
  if (own == masters) co_return std::nullopt;
  co_return "the replica validates records, and puts the stamp of its own collection, " +
      std::to_string(own.ms) + ", into their member `schema`: it differs from the master's (" +
      std::to_string(masters.ms) +
      "), and the schema itself may be an older one; give the replica's collection the master's "
      "data, or switch the validation off there";
}

}  // namespace kinto_mirror::sync
