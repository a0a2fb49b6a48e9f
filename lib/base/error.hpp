#pragma once
// The one vocabulary of expected failures. A failure is a value that gains context on its way up;
// the daemon logs it once and turns it into an exit code. Bugs are assertions, not errors.

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace kinto_mirror {

enum class Errc {
  unreachable,   // no connection, no TLS, or no whole answer before the deadline
  untrusted,     // the server's TLS certificate is refused, and asking again will not mend it
  not_kinto,     // an answer that no Kinto gives: wrong content type, cut JSON, missing fields
  credentials,   // 401: the server does not know this user
  forbidden,     // 403: the user is known and may not; also a bucket that does not exist
  not_found,     // 404 or 410
  read_only,     // 405 to a write: the server is a read-only node
  turned_away,   // 400, 401, 403, 404, 405 or another 4xx without Kinto's errno: something in
                 // front of it, such as a firewall, which may mind what was asked; it says nothing
                 // of rights, nor of what the server holds
  conflict,      // 409: a stamp clash or a create race
  precondition,  // 412: If-Match or If-None-Match did not hold
  too_large,     // 413, or an answer beyond the bound that was set for it
  rejected,      // another 4xx: the server understood and refuses
  failing,  // 5xx of Kinto's own, or 500 of anything: the server is broken, or a record breaks it
  overloaded,  // 429, 502, 503 or 504 without Kinto's errno: a limiter, or a gateway without its
               // server; never the fault of what was asked
  held_up,     // one record met a failure that may pass: nothing newer of its collection may be
               // written before it
  unproven,    // an answer that proves nothing: stored on its way, or shorter than it claims
  busy,        // another process holds a file that it shares with us
  config,      // a bad value in the environment or the configuration file
  usage,       // a bad flag or value on the command line
  stopped,     // the daemon is shutting down
  internal,    // a broken assumption of our own
};

// "unreachable", "not Kinto", ...: for messages and logs.
std::string_view to_string(Errc code) noexcept;

struct Error {
  Errc code = Errc::internal;
  std::string message;  // what happened, where, and what to do; never holds a secret
  int status = 0;       // HTTP status where there was an answer, else 0
  std::string server;   // whose failure it is, as the configuration calls it; empty: no server's
  // Of `unreachable`: a deadline passed while bytes were on their way, so that less of them at once
  // may come through.
  bool slow = false;
  // Of `unreachable`: the connection was there, and was closed before all of an answer came.
  bool cut = false;
  // Where there was an answer: it is not Kinto's own.
  bool in_front = false;
  // Of `unproven`: a cache on the way had the answer, whatever was asked of the server.
  bool stored = false;
  long long retry_after = 0;  // milliseconds the server asked to wait (Retry-After), else 0

  Error() = default;
  Error(Errc code_, std::string message_, int status_ = 0)
      : code(code_), message(std::move(message_)), status(status_) {}

  // The same failure, seen from one step further up: "reading the page: " + message.
  [[nodiscard]] Error in(std::string_view where) const;
};

// The server shows nothing there: 404 and 410, but also 403, which a bucket that does not exist
// answers to everybody.
bool is_hidden(Errc code) noexcept;

// A failure that may go away by itself: worth another try of the same request.
bool is_transient(Errc code) noexcept;

template <class T>
using Result = boost::system::result<T, Error>;

inline Result<void> success() {
  return {};
}

// Called by Result<T>::value() on an error; reaching it is a bug, since callers test first.
[[noreturn]] void throw_exception_from_error(const Error& error,
                                             const boost::source_location& where);

}  // namespace kinto_mirror
