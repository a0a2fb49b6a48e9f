#pragma once
// What is asked of a file: the target of a request, taken apart. Pure.

#include "base/types.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kinto_mirror::sync::dump {

// "/v1/buckets/b/collections/c/records?_since=5&_limit=10". Of Kinto's parameters those that a
// Server sends (kinto::query_of).
struct Question {
  std::string path;  // behind "/v1", percent-decoded: "/buckets/b/collections/c/records"
  // Of a list.
  bool by_id = false;
  bool with_tombstones = false;  // as by any filter on the stamp
  std::optional<Stamp> since;
  std::optional<Stamp> before;
  std::string behind_id;  // gt_id
  std::optional<std::vector<std::string>> ids;
  bool stamps_only = false;
  bool marked_only = false;
  std::int64_t limit = 0;
  std::size_t from = 0;  // `_token`: so many objects of the list were given already
};

// Nothing where it is none of these, or has a value that Kinto would not take.
std::optional<Question> read_question(std::string_view target);

}  // namespace kinto_mirror::sync::dump
