#include "sync/decide/applied.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

void Applied::count(const Write& write) {
  newest = std::max(newest, write.placed);
  if (write.counted) return;
  if (write.action != Action::remove && write.placed != write.change.stamp) ++beside;
  switch (write.action) {
    case Action::create:
      ++written.created;
      break;
    case Action::update:
    case Action::recreate:
      ++written.updated;
      break;
    case Action::remove:
      ++written.deleted;
      break;
    case Action::none:
    case Action::recheck:
      break;
  }
}

void Applied::leave(const Write& write) {
  constexpr std::size_t shown = 5;
  if (left_ids.size() < shown) left_ids.push_back(write.change.id);
  switch (write.action) {
    case Action::create:
      ++left.missing;
      break;
    case Action::remove:
      ++left.undeleted;
      break;
    default:
      ++left.differs;
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
  return written.all() + already + left.open() > 0;
}

std::int64_t Applied::lacking_up_to(Stamp stamp) const noexcept {
  return std::ranges::count_if(
      refused, [stamp](const Refusal& one) { return one.lacking && one.stamp <= stamp; });
}

bool Applied::confirmed() const noexcept {
  return left.open() == static_cast<std::int64_t>(refused.size());
}

}  // namespace kinto_mirror::sync
