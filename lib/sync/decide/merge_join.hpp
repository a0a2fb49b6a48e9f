#pragma once
// The one algorithm: both sides of a collection, walked together in stamp order. Pure.

#include "sync/decide/plan.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace kinto_mirror::sync {

// One row of a listing.
struct Row {
  std::string_view id;
  Stamp stamp;
  bool tombstone = false;
  std::string_view record;  // its bytes, where the listing has bodies
};

// The replica has the record, at a stamp that was not held: as a guard this does not match, and the
// answer tells the stamp. (1, since Kinto takes `If-Match: "0"` for no guard at all.)
inline constexpr Known not_held{Stamp{1}, false};

// Something of the master that the replica does not say alike.
struct Difference {
  Change change;
  // What the walk saw of it so far; may be ahead, or missing, or `not_held`.
  std::optional<Known> replica;
  std::string record;        // as in Row
  std::int64_t ordinal = 0;  // the place of the row in the master's listing
  std::string of_replica;    // its bytes there, where `spelled_otherwise` and both were held
  // Another object of the replica has this very stamp. PostgreSQL holds a stamp once, so the
  // record may stand at the next free one, and be meant to.
  bool stamp_taken = false;
  // Both have it at one stamp, and it is not sure that the bodies say the same.
  bool spelled_otherwise = false;
};

// What a row of the replica is to the rows of the master that came before.
enum class Met {
  nothing,  // or an older version, a tombstone, a newer one: what was not seen to be equal
  same,     // its equal
  later,    // a record whose difference was settled before
};

// Feed the rows of both sides in ascending stamp order, of equal stamps the master's first; take()
// what is settled as often as you like. Held in memory is only what is not resolved: the replica's
// rows that have met no counterpart (at most `max_pending`, of more only a hash), and a hash for
// each id whose counterpart may still come (at most `max_hashes` of a kind; beyond that such a
// counterpart is counted as an extra, and asking the master before a delete tells the truth).
class MergeJoin {
 public:
  static constexpr std::size_t max_hashes = 1'000'000;
  // Of so many records of one stamp the bytes are held; those of the others are read again.
  static constexpr std::size_t max_bodies = 1'000;

  // `bodies`: records at one stamp are a difference where their bytes are not the same.
  explicit MergeJoin(std::size_t max_pending, Stamp etag_before = {}, bool bodies = false)
      : max_pending_(max_pending), etag_before_(etag_before), bodies_(bodies) {}

  void master(const Row& row);
  // A row of the master that is newer than the walk: it may have been met before as an older
  // version, and is left to the next poll. It only has a counterpart.
  void overtaken(const Row& row);
  Met replica(const Row& row);
  // No further row of the replica will come.
  void replica_ended() noexcept { replica_open_ = false; }
  [[nodiscard]] bool replica_has_ended() const noexcept { return !replica_open_; }
  // No further row at all.
  void finish() { settle(); }

  // The settled differences, in ascending stamp order of the master.
  std::vector<Difference> take();
  [[nodiscard]] std::size_t settled() const noexcept { return settled_.size(); }

  // Live records of the replica that the master did not show. Complete after finish().
  [[nodiscard]] const std::unordered_map<std::string, Stamp>& extras() const noexcept {
    return pending_;
  }
  // More of them, of which the ids were not held.
  [[nodiscard]] std::int64_t extras_not_held() const noexcept { return not_held_; }
  [[nodiscard]] bool has_extras() const noexcept { return !pending_.empty() || not_held_ > 0; }
  // Some that were not held may be as old as `stamp`.
  [[nodiscard]] bool not_held_up_to(Stamp stamp) const noexcept {
    return not_held_ > 0 && oldest_not_held_ <= stamp;
  }
  void forget_extra(const std::string& id) { pending_.erase(id); }

  // Records that the replica has had since `etag_before`, and the master still has.
  [[nodiscard]] std::int64_t survivors() const noexcept { return survivors_; }

  // Records that the master has had since then, and the replica has not.
  [[nodiscard]] std::int64_t lost() const noexcept {
    return std::max<std::int64_t>(0, lost_ - found_later_);
  }

  // The replica was seen to hold one stamp twice, as memory backends do and PostgreSQL does not.
  [[nodiscard]] bool replica_repeats_stamps() const noexcept { return replica_repeats_stamps_; }

  [[nodiscard]] std::int64_t same() const noexcept { return same_; }
  [[nodiscard]] std::int64_t master_live() const noexcept { return master_live_; }
  // Of these, those that are not known to be equal, and were not taken.
  [[nodiscard]] std::int64_t master_open() const noexcept;
  [[nodiscard]] std::int64_t replica_live() const noexcept { return replica_live_; }
  // Differences that were taken as missing from the replica and turned out to stand at a higher
  // stamp there.
  [[nodiscard]] std::int64_t found_later() const noexcept { return found_later_; }

 private:
  void move_to(Stamp stamp);
  [[nodiscard]] std::optional<Known> met(const Row& row);
  bool meet(Difference& difference, const Row& row) const;
  void settle();
  void remember(std::unordered_set<std::uint64_t>& hashes, std::string_view id) const;
  static std::uint64_t hash(std::string_view id) noexcept;

  std::size_t max_pending_;
  Stamp etag_before_;
  Stamp stamp_;  // of the rows in waiting_
  std::optional<Stamp> last_replica_stamp_;
  std::vector<Difference> waiting_;  // the master's rows of this stamp
  std::unordered_map<std::string, std::size_t> waiting_at_;
  std::vector<Difference> settled_;
  std::unordered_map<std::string, Stamp> pending_;
  std::unordered_set<std::uint64_t> beyond_;  // ids of the replica that pending_ had no room for
  std::unordered_set<std::uint64_t> passed_;  // ids whose difference was settled
  std::unordered_set<std::uint64_t> overtaken_;
  std::unordered_set<std::uint64_t> tombstones_;  // ids the master deleted, not seen alive since
  bool bodies_ = false;
  bool replica_open_ = true;
  bool replica_repeats_stamps_ = false;
  std::int64_t ordinal_ = 0;
  std::int64_t same_ = 0;
  std::int64_t master_live_ = 0;
  std::int64_t replica_live_ = 0;
  std::int64_t found_later_ = 0;
  std::int64_t not_held_ = 0;
  Stamp oldest_not_held_;  // with those that have met their counterpart since
  std::int64_t survivors_ = 0;
  std::int64_t lost_ = 0;
};

}  // namespace kinto_mirror::sync
