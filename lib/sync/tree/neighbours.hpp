#pragma once
// What a deletion would damage beside what it deletes. Pure.

#include <string_view>

namespace kinto_mirror::sync {

// On PostgreSQL the ids of what is deleted are a pattern in which `_` stands for any character
// (hazards 25 and 69): deleting collection `x/d_e` erases the permission lists of `x/dXe`, deleting
// `a_b/c` those of `aXb/c`, and deleting bucket `a_b` all records of `aXb` too. True when `other`,
// which is not `deleted` itself, is met so.
bool is_met_by_deletion(std::string_view deleted, std::string_view other) noexcept;

}  // namespace kinto_mirror::sync
