#pragma once
// What stands between a replica and a faithful copy of the master, by promises P1 and P4.

#include "history.hpp"
#include "site.hpp"
#include "sync/decide/options.hpp"

#include <string>
#include <vector>

namespace kinto_mirror::simulate {

struct Gaps {
  std::vector<std::string> wrong;  // sentences: missing, another body, another stamp, undeleted
  std::vector<std::string>
      beside;  // a little beside their stamps on PostgreSQL, though those are free
  std::vector<std::string> extras;  // ids that only the replica has
  // Records that this replica cannot hold, as a null character on PostgreSQL.
  std::vector<std::string> impossible;

  [[nodiscard]] bool none(sync::Extras extras_mode) const noexcept {
    return wrong.empty() && beside.empty() && (extras_mode == sync::Extras::keep || extras.empty());
  }
  [[nodiscard]] std::string str() const;
};

// What has changed on the master since `settled` is no gap.
Gaps gaps_between(Site& master, Site& replica, const CollectionId& collection,
                  const History& history, Instant settled = Instant::max());

}  // namespace kinto_mirror::simulate
