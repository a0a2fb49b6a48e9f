#include "kinto/status.hpp"

namespace kinto_mirror::kinto {

Errc code_of_status(int status) noexcept {
  switch (status) {
    case 401:
      return Errc::credentials;
    case 403:
      return Errc::forbidden;
    case 404:
    case 410:
      return Errc::not_found;
    case 405:
    case 501:  // the same of servers that do not know the method at all
      return Errc::read_only;
    case 408:  // the server lost patience with a request that may be sent again
    case 429:
      return Errc::failing;
    case 409:
      return Errc::conflict;
    case 412:
      return Errc::precondition;
    case 413:
    case 414:  // an address too long: it carries the ids that are asked for
    case 431:  // the same in the words of servers that count the address among the headers
      return Errc::too_large;
    default:
      break;
  }
  if (status >= 500) return Errc::failing;
  return status >= 400 ? Errc::rejected : Errc::not_kinto;
}

bool may_be_turned_away(int status) noexcept {
  const Errc code = code_of_status(status);
  return code == Errc::credentials || code == Errc::forbidden || code == Errc::not_found ||
         code == Errc::read_only || code == Errc::rejected || code == Errc::conflict ||
         code == Errc::precondition;
}

bool may_be_asked_plainly(Errc code) noexcept {
  return code == Errc::read_only || code == Errc::rejected || code == Errc::credentials ||
         code == Errc::forbidden || code == Errc::not_found || code == Errc::turned_away ||
         code == Errc::too_large;
}

}  // namespace kinto_mirror::kinto
