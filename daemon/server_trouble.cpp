#include "daemon/server_trouble.hpp"

#include "daemon/durations.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::daemon {

std::int64_t ServerTrouble::Over::failed() const {
  std::int64_t sum = 0;
  for (const auto& [status, count] : failures) sum += count;
  return sum;
}

std::string ServerTrouble::Over::text() const {
  std::string kinds;
  for (const auto& [status, count] : failures) {
    kinds += (kinds.empty() ? "" : ", ") + std::to_string(count) + " times " +
             (status == 0 ? "no answer" : std::to_string(status));
  }
  const Millis seconds = std::max(Millis{1'000}, lasting / 1'000 * 1'000);
  return std::to_string(failed()) + " of " + std::to_string(requests) + " requests failed in " +
         format_duration(seconds) + ": " + kinds;
}

bool ServerTrouble::is_failure(int status) noexcept {
  return status == 0 || status == 429 || (status >= 500 && status != 501 && status != 507);
}

bool ServerTrouble::failed(int status, Instant now) {
  const bool begins = !spell_;
  if (begins) {
    spell_ = Spell();
    spell_->first = now;
  }
  spell_->last = now;
  spell_->known.requests += 1 + std::exchange(spell_->since_last, 0);
  ++spell_->known.failures[status];
  spell_->known.lasting = now - spell_->first;
  return begins;
}

std::optional<ServerTrouble::Over> ServerTrouble::worked(Instant now) {
  if (!spell_) return std::nullopt;
  ++spell_->since_last;
  if (now - spell_->last < calm) return std::nullopt;
  return std::exchange(spell_, std::nullopt)->known;
}

}  // namespace kinto_mirror::daemon
