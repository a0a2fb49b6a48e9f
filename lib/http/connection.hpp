#pragma once
// One connection to one origin: opened once, then used for one exchange after the other.

#include "http/beast_transport.hpp"
#include "http/tls.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace kinto_mirror::http {

// REQUIRES: one coroutine at a time uses it, and it lives until that coroutine has returned;
// `origin` and `config` outlive it. Errors carry the reason alone; the caller adds which request it
// was.
class Connection {
 public:
  // `tls` is empty for http.
  Connection(const boost::asio::any_io_executor& executor, const Origin& origin,
             const TransportConfig& config, TlsContext tls);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Resolves, connects and shakes hands. Errors: unreachable, untrusted.
  ResultTask<void> open();

  // Sends and reads the whole answer. Errors: unreachable, too_large, not_kinto.
  ResultTask<Response> exchange(const Request& request);

  // After a failed exchange: the server had closed before it saw the request, or so it seems: not
  // one byte of an answer came, and no deadline passed.
  [[nodiscard]] bool was_stale() const noexcept;

  // After an exchange: both sides want to go on, and nothing is left over from the answer.
  [[nodiscard]] bool reusable() const noexcept;

  // For a connection that was idle: nobody has closed it, and nothing came unasked. (Bytes that
  // answer no request would be taken for the answer to the next one.)
  [[nodiscard]] bool still_quiet();

  // When it was made, which is before its host's name was resolved.
  [[nodiscard]] Instant made() const noexcept;

  // Says goodbye as far as that takes no waiting, and closes.
  void close_politely();

  // Closes at once; what is in flight ends with an error.
  void abort();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kinto_mirror::http
