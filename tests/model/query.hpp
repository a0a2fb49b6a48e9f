#pragma once
// Targets and their queries, and which values of the parameters Kinto takes.

#include "model/answers.hpp"
#include "model/context.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::model {

std::string percent_decode(std::string_view text, bool plus_is_space);
Query parse_query(std::string_view text);
std::string print_query(const Query& query);

// The resource that `path` ("/buckets/b", without the version) names, if it names one.
std::optional<Target> parse_target(std::string_view path);

const std::string* find_parameter(const Query& query, std::string_view name);

// `_limit` and its like: what is no integer of the range goes to `errors`; empty is none.
std::optional<std::int64_t> integer_parameter(const Query& query, std::string_view name,
                                              std::vector<Invalid>& errors);
// `_sort`, `_fields`: without the empty ones.
std::vector<std::string> list_parameter(const Query& query, std::string_view name);

// A stamp that may be asked for: from 0 to a day from now.
bool is_valid_stamp(const json::value& value, Epoch now);

}  // namespace kinto_mirror::model
