#include "daemon/throttle.hpp"

namespace kinto_mirror::daemon {

namespace {

// Keys that never work again (a collection that went away) must not pile up.
constexpr std::size_t max_streaks = 1'000;

}  // namespace

std::optional<RepeatGate::Told> RepeatGate::failed(const std::string& key, Instant now,
                                                   std::string_view kind) {
  Streak& streak = streaks_.try_emplace(key, Streak{now, {}, now, 0}).first->second;
  streak.last = now;
  ++streak.count;
  const auto [told_at, fresh] = streak.told.try_emplace(std::string(kind), now);
  if (!fresh && now - told_at->second < every_) return std::nullopt;
  told_at->second = now;
  const Told told{streak.count, now - streak.first};
  if (streaks_.size() > max_streaks) forget_old(now);
  return told;
}

std::optional<RepeatGate::Told> RepeatGate::works(const std::string& key, Instant now) {
  const auto found = streaks_.find(key);
  if (found == streaks_.end()) return std::nullopt;
  const Told told{found->second.count, now - found->second.first};
  streaks_.erase(found);
  return told;
}

void RepeatGate::forget_old(Instant now) {
  std::erase_if(streaks_, [&](const auto& entry) { return now - entry.second.last > every_; });
}

}  // namespace kinto_mirror::daemon
