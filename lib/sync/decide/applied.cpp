#include "sync/decide/applied.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

void Applied::count(const Write& write) {
  if (write.counted) return;
  if (write.action != Action::remove && write.placed != write.change.stamp) ++beside;
  switch (write.action) {
    case Action::create:
      ++created;
      break;
    case Action::update:
    case Action::recreate:
      ++updated;
      break;
    case Action::remove:
      ++deleted;
      break;
    case Action::none:
    case Action::recheck:
      break;
  }
}

void Applied::leave(const Write& write) {
  constexpr std::size_t shown = 5;
  if (left.size() < shown) left.push_back(write.change.id);
  switch (write.action) {
    case Action::create:
      ++left_missing;
      break;
    case Action::remove:
      ++left_undeleted;
      break;
    default:
      ++left_different;
  }
}

const Refusal& Applied::refuse(const Write& write, const Outcome& outcome) {
  leave(write);
  Refusal refusal;
  refusal.id = write.change.id;
  refusal.stamp = write.change.stamp;
  refusal.status = outcome.status;
  refusal.reason = outcome.message;
  refusal.lacking = write.action == Action::create;
  return refused.emplace_back(std::move(refusal));
}

bool Applied::anything() const noexcept {
  return created + updated + deleted + already + left_missing + left_different + left_undeleted > 0;
}

std::int64_t Applied::lacking_up_to(Stamp stamp) const noexcept {
  return std::ranges::count_if(
      refused, [stamp](const Refusal& one) { return one.lacking && one.stamp <= stamp; });
}

bool Applied::confirmed() const noexcept {
  return left_missing + left_different + left_undeleted ==
         static_cast<std::int64_t>(refused.size());
}

}  // namespace kinto_mirror::sync
