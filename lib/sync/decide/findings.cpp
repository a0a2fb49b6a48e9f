#include "sync/decide/findings.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::sync {

namespace {

Finding finding_of(const Difference& difference) noexcept {
  if (difference.change.tombstone) return Finding::undeleted;
  return difference.replica ? Finding::differs : Finding::missing;
}

}  // namespace

Findings::Findings(Tell tell, std::size_t max_held, const std::vector<std::string>& refused)
    : tell_(std::move(tell)), max_held_(max_held), refused_(refused.begin(), refused.end()) {}

void Findings::tell(std::string_view id, Finding finding) const {
  const bool lacks = finding == Finding::missing || finding == Finding::differs;
  const bool refused = lacks && refused_.contains(std::string(id));
  tell_(id, refused ? Finding::quarantined : finding);
}

void Findings::add(const Difference& difference, bool replica_ended) {
  const Finding finding = finding_of(difference);
  const std::string& id = difference.change.id;
  if (finding != Finding::missing || replica_ended || missing_.size() >= max_held_) {
    const bool stands = finding == Finding::missing && later_.erase(id) > 0;
    tell(id, stands ? Finding::differs : finding);
    return;
  }
  missing_.insert(id);
}

void Findings::found_later(std::string_view id) {
  if (later_.size() < max_held_) later_.emplace(id);
}

void Findings::end(const MergeJoin& join) {
  std::vector<std::string> missing(missing_.begin(), missing_.end());
  missing_.clear();
  std::ranges::sort(missing);
  for (const std::string& id : missing) {
    tell(id, later_.contains(id) ? Finding::differs : Finding::missing);
  }
  std::vector<std::string> extras;
  for (const auto& [id, stamp] : join.extras()) extras.push_back(id);
  std::ranges::sort(extras);
  for (const std::string& id : extras) tell(id, Finding::extra);
}

}  // namespace kinto_mirror::sync
