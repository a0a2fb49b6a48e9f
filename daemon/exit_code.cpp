#include "daemon/exit_code.hpp"

namespace kinto_mirror::daemon {

ExitCode exit_code_of(Errc code) noexcept {
  switch (code) {
    case Errc::unreachable:
    case Errc::untrusted:
    case Errc::not_kinto:
    case Errc::failing:
    case Errc::overloaded:
    case Errc::held_up:
    case Errc::busy:
      return ExitCode::unavailable;
    case Errc::credentials:
    case Errc::forbidden:
    case Errc::read_only:    // no right to write there: another node of it takes the writes
    case Errc::turned_away:  // whoever watches the way to the server does not let us pass
      return ExitCode::no_permission;
    case Errc::not_found:
    case Errc::conflict:
    case Errc::precondition:
    case Errc::too_large:
    case Errc::rejected:
    case Errc::unproven:  // compared with what may not be the whole, or not of now
    case Errc::stopped:   // what was asked for did not happen
      return ExitCode::different;
    case Errc::config:
      return ExitCode::config;
    case Errc::usage:
      return ExitCode::usage;
    case Errc::internal:
      return ExitCode::internal;
  }
  return ExitCode::internal;
}

}  // namespace kinto_mirror::daemon
