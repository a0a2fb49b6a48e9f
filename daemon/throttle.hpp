#pragma once
// A failure that lasts is told at once, then now and then with its count, and when it is over.

#include "base/clock.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace kinto_mirror::daemon {

// Pure: time is passed in.
class RepeatGate {
 public:
  struct Told {
    std::int64_t count = 0;  // failures since the first one, this one included
    Millis lasting{};        // time since the first one
  };

  explicit RepeatGate(Millis every = Millis(30'000)) : every_(every) {}

  // `key` failed. Something to tell: log it; nothing: stay silent. Each `kind` of failure (there
  // are few) is told at once when it shows up: what stopped a pass may be another thing now.
  std::optional<Told> failed(const std::string& key, Instant now, std::string_view kind = {});

  // `key` works. What there is to tell of the failures before, if any.
  std::optional<Told> works(const std::string& key, Instant now);

 private:
  struct Streak {
    Instant first;
    std::map<std::string, Instant, std::less<>> told;  // when last, by kind
    Instant last;
    std::int64_t count = 0;
  };

  void forget_old(Instant now);

  Millis every_;
  std::map<std::string, Streak> streaks_;
};

}  // namespace kinto_mirror::daemon
