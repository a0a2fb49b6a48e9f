#pragma once
// Which objects of a plural endpoint a request is about.

#include "model/context.hpp"
#include "model/listing.hpp"
#include "model/pages.hpp"

#include <cstdint>
#include <vector>

namespace kinto_mirror::model {

struct Selection {
  std::vector<Filter> filters;
  std::vector<SortField> sorting;
  std::int64_t limit = 0;
  Token token;
};

// What the store holds under an id, until that changes.
struct Row {
  const std::string* id;
  const Object* object;
};

// Raises 400.
Selection read_selection(Call& call, const Ids& shared, std::vector<Invalid> errors);

// In the order of the list, live objects before tombstones where that leaves them equal.
std::vector<Row> select(const Call& call, const Selection& selection, bool tombstones);

// Without tombstones, for which the memory backend takes what has a field `deleted`.
std::int64_t count(const Call& call, const Selection& selection);
bool looks_deleted(const Object& object);

}  // namespace kinto_mirror::model
