#pragma once
// Which records a replica refuses for what they are, told from its bad moments. Pure.

#include "base/clock.hpp"
#include "base/types.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace kinto_mirror::sync {

// Who refused a record: Kinto itself with a 503, or what stands in front of it.
enum class Refuser { kinto, in_front };

// Records that were refused when each was asked alone, in a way that a server in a bad moment has
// as well. The first time ends the pass of the collection, so that nothing newer comes before the
// record; the next pass, which meets it again, at whatever version, while other writes are taken,
// knows that it is the record (hazard 19: a null character on PostgreSQL). Once that was known of
// what stands in front of the replica, it is a firewall that reads records, and its further
// refusals are believed at once. One thread.
class Suspects {
 public:
  static constexpr std::size_t max_held = 1'000;
  static constexpr Millis a_bad_moment{5'000};  // a server may be back after that
  static constexpr Millis forgotten_after{3'600'000};

  // Refused at `now`: whether the record may be blamed, where others are taken.
  bool met(const CollectionId& collection, const std::string& record, Refuser by, Instant now) {
    if (by == Refuser::in_front && reads_records_ && now - *reads_records_ < forgotten_after) {
      return true;
    }
    if (held_.size() >= max_held) {
      std::erase_if(held_,
                    [now](const auto& one) { return now - one.second.last > forgotten_after; });
    }
    // No room: it ends passes until there is.
    const auto place = held_.find({collection, record});
    if (place == held_.end() && held_.size() >= max_held) return false;
    Met& met = held_.try_emplace({collection, record}, Met{now, now}).first->second;
    if (now - std::exchange(met.last, now) > forgotten_after) met.first = now;
    return now - met.first >= a_bad_moment;
  }
  // It was blamed.
  void proven(Refuser by, Instant now) {
    if (by == Refuser::in_front) reads_records_ = now;
  }
  // The replica has taken it.
  void cleared(const CollectionId& collection, const std::string& record) {
    if (!held_.empty()) held_.erase({collection, record});
  }
  [[nodiscard]] bool holds(const CollectionId& collection, const std::string& record) const {
    return !held_.empty() && held_.contains({collection, record});
  }

 private:
  struct Met {
    Instant first{};
    Instant last{};
  };
  std::map<std::pair<CollectionId, std::string>, Met> held_;
  std::optional<Instant> reads_records_;
};

}  // namespace kinto_mirror::sync
