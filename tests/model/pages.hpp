#pragma once
// The order of a list, and its pages.

#include "model/context.hpp"
#include "model/filters.hpp"

#include <string>
#include <vector>

namespace kinto_mirror::model {

struct SortField {
  std::string name;
  bool descending = false;
};

struct Token {
  std::vector<std::vector<Filter>> rules;  // an object is on the page if one of them fits
  std::int64_t offset = 0;
  std::string nonce;
};

std::vector<SortField> read_sorting(const Query& query);

// Raises 400. Nothing to go on from yields no rules.
Token read_token(const Call& call, const std::vector<SortField>& sorting);

std::string print_token(Age age, const std::vector<SortField>& sorting, const json::object& last,
                        std::int64_t offset, const std::string& nonce);

}  // namespace kinto_mirror::model
