#include "sync/decide/report.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::sync {

std::string_view to_string(State state) noexcept {
  switch (state) {
    case State::in_sync:
      return "in-sync";
    case State::different:
      return "different";
    case State::degraded:
      return "degraded";
    case State::brake:
      return "brake";
    case State::not_shown:
      return "not-shown";
    case State::failed:
      return "failed";
    case State::not_compared:
      return "not-compared";
    case State::waiting:
      return "waiting";
    case State::behind:
      return "behind";
    case State::paused:
      return "paused";
  }
  return "failed";
}

std::string_view to_string(PassKind kind) noexcept {
  switch (kind) {
    case PassKind::load:
      return "load";
    case PassKind::audit:
      return "audit";
    case PassKind::follow:
      return "follow";
  }
  return "audit";
}

std::string_view to_string(Finding finding) noexcept {
  switch (finding) {
    case Finding::same:
      return "same";
    case Finding::missing:
      return "missing";
    case Finding::differs:
      return "differs";
    case Finding::extra:
      return "extra";
    case Finding::undeleted:
      return "undeleted";
    case Finding::quarantined:
      return "quarantined";
  }
  return "";
}

void CollectionReport::add_example(const std::string& record) {
  constexpr std::size_t most = 5;
  if (examples.size() < most && std::ranges::find(examples, record) == examples.end()) {
    examples.push_back(record);
  }
}

void CollectionReport::fail(Error why) {
  error = std::move(why);
  state = State::failed;
}

State conclude(const CollectionReport& report, Extras extras) noexcept {
  if (report.error) return State::failed;
  if (report.brake) return State::brake;
  const std::int64_t open = report.found.open();
  const auto refused = static_cast<std::int64_t>(report.quarantined.size());
  const bool surplus = extras == Extras::remove && report.found.extra > report.found.undeleted;
  if (open > refused || surplus) return State::different;
  return refused > 0 ? State::degraded : State::in_sync;
}

}  // namespace kinto_mirror::sync
