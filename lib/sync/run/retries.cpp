#include "sync/run/retries.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::sync {

std::vector<Difference> to_retry(const std::vector<std::string>& ids,
                                 std::unordered_map<std::string, Found> of_master,
                                 Quarantine& quarantine) {
  std::vector<Difference> differences;
  for (const std::string& id : ids) {
    const auto item = of_master.find(id);
    if (item == of_master.end()) {
      quarantine.settled(id);
      continue;
    }
    Found& found = item->second;
    // It changes right now: its next version comes by itself.
    if (!found.tombstone && found.record.empty()) continue;
    Difference difference;
    difference.change = Change{id, found.stamp, found.tombstone};
    difference.record = std::move(found.record);
    differences.push_back(std::move(difference));
  }
  std::ranges::sort(differences, {}, [](const Difference& one) { return one.change.stamp; });
  return differences;
}

}  // namespace kinto_mirror::sync
