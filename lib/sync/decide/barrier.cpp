#include "sync/decide/barrier.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace kinto_mirror::sync {

namespace {

Open waits(std::string why) {
  return {{}, std::move(why), false};
}

Open stays(std::string why) {
  return {{}, std::move(why), true};
}

// Nothing: it has reached the barrier.
std::optional<Open> open_of(const CollectionState& state, Instant since) {
  if (state.paused) return stays("it is paused; resume it first");
  if (!state.compared_at || *state.compared_at < since) {
    if (!state.hidden) return waits("it is not compared yet");
    // Asked again since, and told the same: nothing is compared until somebody mends it.
    std::string why = "the master does not show it";
    if (state.hidden_at < since) return waits(std::move(why));
    return stays(std::move(why) +
                 ": it does not exist there, or the master's user may not read it");
  }
  if (state.brake) {
    return stays("the brake holds " + std::to_string(state.brake->would_delete) +
                 " deletes; see kinto-mirror release");
  }
  if (state.quarantine.size() > 0) {
    return stays("the replica refuses " + std::to_string(state.quarantine.size()) +
                 " of its records, see quarantine in /status");
  }
  const bool in_step = state.in_step_at && *state.in_step_at >= since;
  if (!in_step || state.unsettled || !is_proven(state.chain)) {
    return waits("it was compared, and is not equal yet");
  }
  return std::nullopt;
}

std::optional<Open> open_of(const BucketStanding& bucket, Instant since) {
  if (bucket.compared < since) return waits("its containers are not compared yet");
  if (bucket.state == State::in_sync) return std::nullopt;
  std::string why = "its containers are not the master's: " + bucket.why;
  return bucket.stays ? stays(std::move(why)) : waits(std::move(why));
}

// What does not pass by itself, and what the next round says again.
bool needs_a_hand(Errc code) noexcept {
  return code == Errc::credentials || code == Errc::untrusted || code == Errc::not_kinto ||
         code == Errc::read_only;
}

}  // namespace

bool BarrierLook::never() const noexcept {
  return std::ranges::any_of(open, &Open::stays);
}

BarrierLook look_at_barrier(const Standing& standing, const Scope& which, Instant since) {
  BarrierLook look;
  const auto add = [&look](std::optional<Open> one, std::string id) {
    if (!one) return;
    one->id = std::move(id);
    look.open.push_back(std::move(*one));
  };
  const bool failed = standing.failed != nullptr && standing.looked >= since;
  if (failed && needs_a_hand(standing.failed->code)) add(stays(standing.failed->message), "");
  std::set<std::string> buckets;
  if (standing.listed != nullptr) {
    for (const auto& [id, state] : *standing.listed) {
      if (!which.matches(id)) continue;
      ++look.collections;
      buckets.insert(id.bucket);
      add(open_of(state, since), id.str());
    }
  }
  const bool listed = which.needs_bucket_list() || !which.named_buckets().empty();
  if (standing.listed_at < since) {
    add(waits("what there is was not listed since"), "");
  } else if (listed && !standing.list_doubt.empty()) {
    std::string why = "what there is could not be listed: " + standing.list_doubt;
    add(standing.list_refused ? stays(std::move(why)) : waits(std::move(why)), "");
  }
  if (standing.buckets == nullptr) return look;
  for (const auto& [bucket, known] : *standing.buckets) {
    const bool meant = buckets.contains(bucket) || which.covers_bucket(bucket);
    if (meant) add(open_of(known, since), bucket);
  }
  return look;
}

}  // namespace kinto_mirror::sync
