#pragma once
// What a comparison found, record by record, under names. Pure.

#include "sync/decide/merge_join.hpp"
#include "sync/decide/report.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace kinto_mirror::sync {

// Tells of each record once, as soon as it is certain. What only the master has shown may stand
// at a higher stamp on the replica, to which the walk has not come: such ids are held until the
// replica's list has ended, `max_held` of them; of more, one that turns up later is told as
// missing.
class Findings {
 public:
  using Tell = std::function<void(std::string_view id, Finding finding)>;

  // `refused`: ids that are known to be in quarantine.
  Findings(Tell tell, std::size_t max_held, const std::vector<std::string>& refused);

  void same(std::string_view id) { tell_(id, Finding::same); }
  void add(const Difference& difference, bool replica_ended);
  // A record whose difference was settled stands further on in the replica's list.
  void found_later(std::string_view id);
  // `join` has all there is.
  void end(const MergeJoin& join);

 private:
  void tell(std::string_view id, Finding finding) const;

  Tell tell_;
  std::size_t max_held_;
  std::unordered_set<std::string> refused_;
  std::unordered_set<std::string> missing_;  // as far as the walk has come
  std::unordered_set<std::string> later_;    // met further on
};

}  // namespace kinto_mirror::sync
