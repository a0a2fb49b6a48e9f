#pragma once
// A server that fails now and then: one line when that begins, and one when it has ended, with
// counts. What the engine gives up on is told elsewhere (LogObserver); this tells what its patience
// hides: without it, an upstream that answers 502 to every tenth request leaves no line at all, and
// a closed port none for as long as the patience lasts. Pure: time is passed in.

#include "base/clock.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace kinto_mirror::daemon {

class ServerTrouble {
 public:
  // It is over when a request was answered well, and none has failed for so long.
  static constexpr Millis calm{10'000};

  // What there was between the first failure and the last one.
  struct Over {
    std::int64_t requests = 0;
    std::map<int, std::int64_t> failures;  // by status; 0: no answer
    Millis lasting{};

    [[nodiscard]] std::int64_t failed() const;
    [[nodiscard]] std::string text() const;  // "16 of 120 requests failed in 30s: 16 times 502"
  };

  // Whether an answer is no answer: none at all (0), 429, and those of a server or a gateway that
  // does not work.
  static bool is_failure(int status) noexcept;

  // A request failed. True: it is the first one, and is to be told.
  bool failed(int status, Instant now);

  // A request was answered well. What is to be told where that ends the trouble.
  std::optional<Over> worked(Instant now);

 private:
  struct Spell {
    Instant first{};
    Instant last{};
    Over known;
    std::int64_t since_last = 0;  // requests that were answered well since the last failure
  };
  std::optional<Spell> spell_;
};

}  // namespace kinto_mirror::daemon
