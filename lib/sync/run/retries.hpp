#pragma once
// Which of the records in quarantine are tried again, and with what. Pure.

#include "sync/decide/merge_join.hpp"
#include "sync/decide/quarantine.hpp"
#include "sync/read/look_up.hpp"

#include <string>
#include <unordered_map>
#include <vector>

namespace kinto_mirror::sync {

// Of the records `ids`, whose time in quarantine is over: those that the master has now,
// `of_master` with bodies, in the order of their stamps. What it has no more leaves the quarantine.
std::vector<Difference> to_retry(const std::vector<std::string>& ids,
                                 std::unordered_map<std::string, Found> of_master,
                                 Quarantine& quarantine);

}  // namespace kinto_mirror::sync
