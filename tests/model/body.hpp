#pragma once
// The JSON body of a write, and what Kinto takes of it.

#include "model/answers.hpp"
#include "model/context.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::model {

struct Body {
  std::optional<json::object> data;
  std::optional<json::object> permissions;  // only lists of texts, and no nulls
  bool merges = false;                      // application/merge-patch+json
  bool empty = true;                        // neither of them
};

// Null where it is no JSON. `own` holds it where the batch does not.
const json::value* parsed_body(const Call& call, std::optional<json::value>& own);

// What is wrong goes to `errors`. Raises 415.
Body read_body(const Call& call, std::vector<Invalid>& errors);

// The fields that have a meaning: `members`, `cache_expires`, `schema`.
void check_fields(Kind kind, json::object& data, const std::string& prefix,
                  std::vector<Invalid>& errors);

// As Python prints it, in its messages.
std::string python_text(const json::value& value);
std::string no_mapping(const json::value& value);
std::string unknown_keys(const json::object& unknown);

}  // namespace kinto_mirror::model
