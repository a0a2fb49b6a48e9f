#include "sync/decide/poll.hpp"

#include "base/require.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

Poll::Poll(CollectionState& state) : state_(state) {
  KINTO_MIRROR_REQUIRE(state.checkpoint);
  // Only what lies above the cursor is listed again.
  const bool listed = state.newest.stamp > state.checkpoint->cursor;
  polled_.newest_is_there = state.newest.id.empty() || !listed;
}

bool Poll::list(const kinto::Entry& entry) {
  const bool since = entry.stamp > state_.checkpoint->etag;
  if (since && entry.deleted) ++deleted_;
  if (!since && !entry.deleted) survives_ = true;
  if (entry.stamp >= newest_.stamp) newest_ = Newest{entry.id, entry.stamp};
  if (entry.id == state_.newest.id) polled_.newest_is_there = true;
  if (is_known(entry)) return true;
  // A memory backend does not count a live record with a member `deleted`, PostgreSQL does.
  if (entry.deleted) ++polled_.deleted;
  if (!entry.deleted || entry.has_other_members) ++polled_.live;
  return false;
}

bool Poll::is_known(const kinto::Entry& entry) const {
  return state_.remembered.holds(entry.id, Known{entry.stamp, entry.deleted}) ||
         state_.quarantine.holds(entry.id, entry.stamp);
}

void Poll::look_up(const Change& change, const std::optional<Known>& replica, Stamp cursor) {
  const bool had = replica && !replica->tombstone && replica->stamp <= state_.checkpoint->etag;
  const bool is_refused = state_.quarantine.holds(change.id);
  if (!change.tombstone && (had || is_refused)) survives_ = true;
  // What lies below the next cursor will not be read again.
  const bool again = change.stamp > cursor && seen_.size() < Remembered::max_held;
  if (again || is_refused) seen_.push_back(change);
}

bool Poll::may_be_flushed(Stamp etag) const {
  const Checkpoint& before = *state_.checkpoint;
  return before.etag != Stamp{} && etag != before.etag && !survives_ && deleted_ < before.live;
}

bool Poll::is_counted(Stamp etag) const {
  return state_.probed && state_.probed->etag == etag && newest_.stamp <= etag;
}

void Poll::take_count(Stamp etag, const std::optional<kinto::Count>& count, FollowResult& result) {
  result.live = state_.checkpoint->live;
  result.live_changes = polled_.live;
  result.deleted_changes = polled_.deleted;
  if (!count || count->etag != etag) return;
  result.live = count->live;
  result.counted = true;
  polled_.live += state_.live_since;
  polled_.deleted += state_.deleted_since;
  if (state_.counted != Counted::baseless) polled_.counted = count->live;
}

std::optional<std::string> Poll::broken_at(Stamp etag) {
  polled_.etag = etag;
  polled_.newest = newest_.stamp;
  return broken_chain(*state_.checkpoint, polled_);
}

void Poll::set_aside(const std::vector<Refusal>& refused, Instant now) {
  for (const Refusal& refusal : refused) {
    state_.quarantine.refused(refusal, now);
    refused_.insert(refusal.id);
  }
}

std::int64_t Poll::waiting() const {
  const auto held = static_cast<std::int64_t>(state_.quarantine.size());
  const auto refused = static_cast<std::int64_t>(refused_.size());
  return std::max<std::int64_t>(0, held - refused);  // a full quarantine holds fewer
}

void Poll::settle(Stamp cursor) {
  for (const Change& change : seen_) {
    if (!refused_.contains(change.id)) state_.quarantine.settled(change.id);
  }
  if (!newest_.id.empty()) state_.newest = newest_;
  for (const Change& change : seen_) state_.remembered.add(change);
  state_.remembered.forget_up_to(cursor);
}

}  // namespace kinto_mirror::sync
