#pragma once
// What the upper floors need of HTTP: one request, one answer, one origin. The real client
// (beast_transport.hpp) and the Kinto model of the simulator both stand behind this interface.

#include "base/clock.hpp"
#include "base/task.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kinto_mirror::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

// Whether both are one name of HTTP's, whose letters (of ASCII) may be large or small. Beast 1.81
// has the like, which reads one byte behind the end of a view.
bool same_name(std::string_view one, std::string_view other) noexcept;

// The first value of the header `name` (case-insensitive), or nothing.
std::optional<std::string_view> find_header(const Headers& headers, std::string_view name) noexcept;

struct Request {
  std::string method;
  std::string target;  // path and query, as they go on the wire: "/v1/buckets?_limit=5"
  Headers headers;     // Host, Content-Length, User-Agent and Connection are the transport's own
  std::string body;

  Request(std::string method_, std::string target_, Headers headers_ = {}, std::string body_ = {})
      : method(std::move(method_)),
        target(std::move(target_)),
        headers(std::move(headers_)),
        body(std::move(body_)) {}
};

struct Response {
  int status = 0;
  Headers headers;
  std::string body;
};

// Scheme, host and port. Credentials are bound to one origin, since a Transport reaches no other.
struct Origin {
  bool tls = false;
  std::string host;  // without brackets, also for IPv6
  std::string port;  // decimal

  auto operator<=>(const Origin&) const = default;
  [[nodiscard]] std::string str() const;  // "https://host:port", the default port left out
};

class Transport {
 public:
  virtual ~Transport() = default;

  // Sends `request` to the origin and returns the whole answer, whatever its status; redirects are
  // answers like others. Errors: unreachable (no connection, cut, deadline passed), untrusted (the
  // certificate is refused), too_large (the body exceeds the bound), not_kinto (the answer is no
  // HTTP), stopped (abort() was called). Several calls may be in flight at once.
  // REQUIRES: `request` outlives the task; it is sent from where it is.
  virtual ResultTask<Response> exchange(const Request& request) = 0;

  // Ends every exchange in flight with Errc::stopped, and all that follow.
  virtual void abort() = 0;

  [[nodiscard]] virtual const Origin& origin() const noexcept = 0;
};

}  // namespace kinto_mirror::http
