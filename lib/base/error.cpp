#include "base/error.hpp"

#include <stdexcept>

namespace kinto_mirror {

std::string_view to_string(Errc code) noexcept {
  switch (code) {
    case Errc::unreachable:
      return "unreachable";
    case Errc::untrusted:
      return "untrusted";
    case Errc::not_kinto:
      return "not Kinto";
    case Errc::credentials:
      return "credentials refused";
    case Errc::forbidden:
      return "forbidden";
    case Errc::not_found:
      return "not found";
    case Errc::read_only:
      return "read-only";
    case Errc::turned_away:
      return "turned away in front of the server";
    case Errc::conflict:
      return "conflict";
    case Errc::precondition:
      return "precondition failed";
    case Errc::too_large:
      return "too large";
    case Errc::rejected:
      return "rejected";
    case Errc::failing:
      return "server failing";
    case Errc::overloaded:
      return "overloaded";
    case Errc::held_up:
      return "held up";
    case Errc::unproven:
      return "unproven";
    case Errc::busy:
      return "busy";
    case Errc::config:
      return "configuration";
    case Errc::usage:
      return "usage";
    case Errc::stopped:
      return "stopped";
    case Errc::internal:
      return "internal error";
  }
  return "internal error";
}

Error Error::in(std::string_view where) const {
  Error outer = *this;
  outer.message = std::string(where) + ": " + message;
  return outer;
}

bool is_hidden(Errc code) noexcept {
  return code == Errc::not_found || code == Errc::forbidden;
}

bool is_transient(Errc code) noexcept {
  return code == Errc::unreachable || code == Errc::failing || code == Errc::not_kinto ||
         code == Errc::busy || code == Errc::overloaded || code == Errc::held_up ||
         code == Errc::unproven;
}

void throw_exception_from_error(const Error& error, const boost::source_location& where) {
  throw std::logic_error("unexamined error at " + where.to_string() + ": " + error.message);
}

}  // namespace kinto_mirror
