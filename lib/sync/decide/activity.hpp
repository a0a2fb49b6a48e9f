#pragma once
// How often the master is asked after a collection of which something came lately. Pure.

#include "base/clock.hpp"

#include <optional>

namespace kinto_mirror::sync {

// Between two looks, in milliseconds; `active` is never above `interval`.
struct Rhythm {
  Millis active{250};
  Millis interval{5'000};
};

// Of one collection. After a change it is looked at in the active rhythm, a few times where it had
// been at rest and for as long as sixteen times where it had not; then each wait is twice as long
// as the one before, and from the interval on the rounds are enough. Example, 250 ms and 5 s: a
// change after a rest is followed by looks after 0.25, 0.5, 0.75, 1, 1.5, 2.5, 4.5 and 8.5 s.
class Activity {
 public:
  // Something new of the master's was brought.
  void changed(Instant now, const Rhythm& rhythm) noexcept;
  // The master was asked between two rounds, whatever it said.
  void looked(Instant now) noexcept;

  // When it is to be asked again; nothing: it is at rest, and asked in the rounds.
  [[nodiscard]] std::optional<Instant> due(const Rhythm& rhythm) const noexcept;

  // When it was asked last between two rounds.
  [[nodiscard]] Instant last_look() const noexcept { return looked_; }

 private:
  bool stirred_ = false;  // something has come since it is known
  bool lively_ = false;   // and the last change but one was not long before
  int in_vain_ = 0;       // looks since the last change
  Instant last_{};        // the later of change and look
  Instant looked_{};
};

}  // namespace kinto_mirror::sync
