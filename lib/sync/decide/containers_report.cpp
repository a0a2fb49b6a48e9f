#include "sync/decide/containers_report.hpp"

namespace kinto_mirror::sync {

std::string_view to_string(ContainerDifference::Kind kind) noexcept {
  using Kind = ContainerDifference::Kind;
  switch (kind) {
    case Kind::missing:
      return "missing";
    case Kind::data:
      return "data";
    case Kind::permissions:
      return "permissions";
    case Kind::undeleted:
      return "undeleted";
    case Kind::extra:
      return "extra";
    case Kind::quarantined:
      return "quarantined";
    case Kind::unknown_permissions:
      return "unknown-permissions";
  }
  return "missing";
}

ContainersReport& ContainersReport::operator+=(const ContainersReport& more) {
  same += more.same;
  equal.insert(equal.end(), more.equal.begin(), more.equal.end());
  written += more.written;
  differences.insert(differences.end(), more.differences.begin(), more.differences.end());
  if (more.error && !error) error = more.error;
  return *this;
}

State conclude(const ContainersReport& report, Extras extras) noexcept {
  using Kind = ContainerDifference::Kind;
  if (report.error) return State::failed;
  State state = State::in_sync;
  for (const ContainerDifference& one : report.differences) {
    if (one.kind == Kind::extra && extras == Extras::keep) continue;
    const bool lesser = one.kind == Kind::quarantined || one.kind == Kind::unknown_permissions;
    if (!lesser) return State::different;
    state = State::degraded;
  }
  return state;
}

}  // namespace kinto_mirror::sync
