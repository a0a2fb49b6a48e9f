#pragma once
// What a poll has read of the master's changes: what the chain of looks is told by, and what the
// next poll need not look up again. Pure.

#include "kinto/server.hpp"
#include "sync/decide/collection_state.hpp"
#include "sync/decide/pass_end.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace kinto_mirror::sync {

// Of one pass, in this order: begin_page() and list() for each page, look_up() for what is not
// known, the questions about the master, set_aside(), settle().
class Poll {
 public:
  // REQUIRES: state.checkpoint; `state` outlives the poll.
  explicit Poll(CollectionState& state);

  // An entry of the list. True where an earlier pass has brought it to the replica, or has met its
  // refusal, so that it need not be looked up.
  bool list(const kinto::Entry& entry);

  // The newest change of the last look has been listed, or need not be.
  [[nodiscard]] bool has_newest() const noexcept { return polled_.newest_is_there; }

  // What the replica holds of a change. Those above `cursor` will be listed again.
  void look_up(const Change& change, const std::optional<Known>& replica, Stamp cursor);

  // A flush moves the ETag forward, to `etag`, and leaves no tombstones: only what the master has
  // now tells of it. False where something that was listed speaks against a flush.
  [[nodiscard]] bool may_be_flushed(Stamp etag) const;

  // The round's own count is of the list at `etag`, and nothing was written since: what is newer
  // than the ETag has been applied as well, and the replica must not be held against a count of
  // before.
  [[nodiscard]] bool is_counted(Stamp etag) const;

  // How many records the master counts, where it answered, in the place of before. Without a count
  // of the very ETag the old number stays: one of another must not become the next look's base,
  // since what happened in between would never be explained.
  void take_count(Stamp etag, const std::optional<kinto::Count>& count, FollowResult& result);

  // Why the list at `etag` does not go on from the checkpoint, by all that is known so far.
  [[nodiscard]] std::optional<std::string> broken_at(Stamp etag);

  // What was refused must not be tried again at once: after an error too.
  void set_aside(const std::vector<Refusal>& refused, Instant now);

  // How many records were refused by earlier passes, and wait.
  [[nodiscard]] std::int64_t waiting() const;

  // Everything that was read is applied, equal or refused: time to move on, and to remember.
  void settle(Stamp cursor);

 private:
  [[nodiscard]] bool is_known(const kinto::Entry& entry) const;

  CollectionState& state_;
  Polled polled_;
  Newest newest_;
  std::vector<Change> seen_;  // ids and stamps only
  std::unordered_set<std::string> refused_;
  bool survives_ = false;     // the master still has some record that it had at the checkpoint
  std::int64_t deleted_ = 0;  // tombstones since then
};

}  // namespace kinto_mirror::sync
