#include "daemon/throttle.hpp"

namespace kinto_mirror::daemon {

namespace {

// Keys that never work again (a collection that went away) must not pile up.
constexpr std::size_t max_streaks = 1'000;

}  // namespace

std::optional<RepeatGate::Told> RepeatGate::failed(const std::string& key, Instant now) {
  const auto [found, fresh] = streaks_.try_emplace(key, Streak{now, now, now, 0});
  Streak& streak = found->second;
  streak.last = now;
  ++streak.count;
  if (!fresh && now - streak.told < every_) return std::nullopt;
  streak.told = now;
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
