#include "sync/tree/neighbours.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

bool is_met_by_deletion(std::string_view deleted, std::string_view other) noexcept {
  return deleted != other && std::ranges::equal(deleted, other, [](char pattern, char c) {
           return pattern == '_' || pattern == c;
         });
}

}  // namespace kinto_mirror::sync
