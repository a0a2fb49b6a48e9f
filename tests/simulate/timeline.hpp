#pragma once
// Virtual time: events in the order of their instants, and nothing in between.

#include "base/clock.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

namespace kinto_mirror::simulate {

class Timeline {
 public:
  using Event = std::function<void()>;

  [[nodiscard]] Instant now() const noexcept { return now_; }

  void after(Millis wait, Event event) {
    events_.emplace(std::pair(now_ + std::max(wait, Millis{0}), ++serial_), std::move(event));
  }

  // Moves to the next event and runs it. Where there is none up to `end`, moves there: false.
  bool step(Instant end) {
    const auto next = events_.begin();
    if (next == events_.end() || next->first.first > end) {
      now_ = std::max(now_, end);
      return false;
    }
    now_ = next->first.first;
    const Event event = std::move(next->second);
    events_.erase(next);
    event();
    return true;
  }

 private:
  Instant now_{Millis{1'000'000}};
  std::uint64_t serial_ = 0;
  std::map<std::pair<Instant, std::uint64_t>, Event> events_;
};

}  // namespace kinto_mirror::simulate
