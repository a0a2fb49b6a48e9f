#pragma once
// Filters of a list.

#include "model/answers.hpp"
#include "model/context.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::model {

// The fields that every object has, and most filters are about.
inline constexpr std::string_view id_field = "id";
inline constexpr std::string_view stamp_field = "last_modified";

enum class Comparison { lt, min, max, not_equal, eq, gt, in, exclude, like, has };

struct Filter {
  std::string field;
  json::value value;
  Comparison how = Comparison::eq;
  bool missing = false;  // in a page's rule: the last object did not have the field
};

// Raises 400.
std::vector<Filter> read_filters(const Query& query, Epoch now, Profile profile);

bool passes(const std::string& id, const Object& object, const Filter& filter, Profile profile);

}  // namespace kinto_mirror::model
