#include "sync/decide/run_report.hpp"

#include <algorithm>

namespace kinto_mirror::sync {

namespace {

int weight(Errc code) noexcept {
  switch (code) {
    case Errc::config:
      return 4;
    case Errc::credentials:
    case Errc::forbidden:
    case Errc::read_only:
    case Errc::turned_away:
      return 3;
    case Errc::unreachable:
    case Errc::untrusted:
    case Errc::not_kinto:
    case Errc::failing:
    case Errc::overloaded:
    case Errc::held_up:
    case Errc::busy:
      return 2;
    default:
      return 1;
  }
}

const Error* worse(const Error* a, const std::optional<Error>& b) noexcept {
  if (!b) return a;
  return a == nullptr || weight(b->code) > weight(a->code) ? &*b : a;
}

}  // namespace

bool RunReport::in_sync() const noexcept {
  return !replicas.empty() && std::ranges::all_of(replicas, [](const ReplicaReport& replica) {
    // Where nothing was compared, nothing is known to be equal, but for what is not its own.
    const bool something =
        !replica.collections.empty() || replica.containers.any() || replica.elsewhere > 0;
    return !replica.error && something && replica.containers.state == State::in_sync &&
           std::ranges::all_of(replica.collections, [](const CollectionReport& collection) {
             return collection.state == State::in_sync;
           });
  });
}

const Error* RunReport::worst_error() const noexcept {
  const Error* worst = nullptr;
  for (const ReplicaReport& replica : replicas) {
    worst = worse(worst, replica.error);
    worst = worse(worst, replica.containers.error);
    for (const CollectionReport& collection : replica.collections) {
      worst = worse(worst, collection.error);
    }
  }
  return worst;
}

}  // namespace kinto_mirror::sync
