#include "sync/decide/quarantine.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

namespace {

Millis wait_after(int tries) noexcept {
  constexpr Millis first{60'000};
  constexpr Millis longest{3'600'000};
  Millis wait = first;
  for (int i = 1; i < tries && wait < longest; ++i) wait *= 2;
  return std::min(wait, longest);
}

}  // namespace

void Quarantine::refused(Refusal refusal, Instant now) {
  const auto known = held_.find(refusal.id);
  if (known == held_.end() && held_.size() >= max_held) return;
  Held& held = held_[refusal.id];
  if (held.tries == 0) held.since = now;
  held.tries = held.refusal.stamp == refusal.stamp ? held.tries + 1 : 1;
  held.next = now + wait_after(held.tries);
  held.refusal = std::move(refusal);
}

void Quarantine::replace(std::vector<Refusal> refusals, Instant now) {
  std::unordered_map<std::string, Held> before = std::exchange(held_, {});
  for (Refusal& refusal : refusals) {
    if (const auto known = before.find(refusal.id); known != before.end()) {
      held_[refusal.id] = std::move(known->second);
    }
    refused(std::move(refusal), now);
  }
}

bool Quarantine::holds(const std::string& id, Stamp stamp) const {
  const auto held = held_.find(id);
  return held != held_.end() && held->second.refusal.stamp == stamp;
}

std::vector<std::string> Quarantine::ids(std::size_t most) const {
  std::vector<std::string> out;
  for (const auto& [id, held] : held_) out.push_back(id);
  std::ranges::sort(out);
  if (out.size() > most) out.resize(most);
  return out;
}

std::optional<std::int64_t> Quarantine::lacking() const {
  if (held_.size() >= max_held) return std::nullopt;
  return std::ranges::count_if(held_, [](const auto& held) { return held.second.refusal.lacking; });
}

std::vector<Quarantine::Held> Quarantine::all() const {
  std::vector<Held> out;
  for (const auto& [id, held] : held_) out.push_back(held);
  std::ranges::sort(out, {}, [](const Held& held) { return held.refusal.id; });
  return out;
}

bool Quarantine::any_due(Instant now) const {
  return std::ranges::any_of(held_, [now](const auto& held) { return held.second.next <= now; });
}

std::vector<std::string> Quarantine::due(Instant now) const {
  std::vector<std::string> ids;
  for (const auto& [id, held] : held_) {
    if (held.next <= now) ids.push_back(id);
  }
  std::ranges::sort(ids);
  return ids;
}

}  // namespace kinto_mirror::sync
