#pragma once
// The real HTTP client: one origin, a bounded pool of keep-alive connections, a deadline on every
// wait.

#include "http/transport.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace kinto_mirror::http {

struct TransportConfig {
  std::size_t connections = 8;  // at most so many at once; further calls wait in order of arrival

  // A connection that asks for more time than this ends with Errc::unreachable.
  Millis connect_timeout = std::chrono::seconds(10);  // resolve, connect and TLS handshake together
  Millis write_timeout = std::chrono::seconds(30);    // the whole request
  Millis header_timeout =
      std::chrono::seconds(30);  // from the request's end to the answer's header
  Millis progress_timeout = std::chrono::seconds(30);  // between two pieces of the answer's body
  Millis answer_timeout = std::chrono::seconds(120);   // the answer's body, however it trickles
  Millis idle_timeout = std::chrono::seconds(60);      // an unused connection is closed then
  // No request begins on a connection that is older: the host's name is resolved anew, since it may
  // have moved while the old server lives on.
  Millis greatest_age = std::chrono::minutes(5);

  std::size_t header_limit = std::size_t{64} << 10;  // bytes; an answer beyond either is too_large
  std::size_t body_limit = std::size_t{64} << 20;

  std::string user_agent = "kinto-mirror";
  std::string ca_file;  // PEM; when given it takes the place of the system's certificate store

  // Called once per exchange, when it ends: status 0 means that there was no answer. The target is
  // complete, so it may hold a paging token. Must not throw.
  std::function<void(std::string_view method, std::string_view target, int status, Millis took)>
      trace;
};

// Whether the certificates that `config` names can be loaded; Errc::config if not. For `https`
// origins only; exchange() gives the same error to those who do not ask.
Result<void> check_certificates(const TransportConfig& config);

// A transport to `origin`. `executor` must run on one thread, and exchange() and abort() be called
// on that thread. Errors of exchange(), besides those that Transport names: not_kinto (the answer
// is no HTTP), config (the certificates cannot be loaded), internal (the request is malformed).
// Messages begin with "METHOD scheme://host/path: " and hold neither headers nor queries.
//
// A kept connection that the server has closed meanwhile is replaced and the request sent once
// more, so requests must be idempotent. Nothing else is retried here.
//
// Destroying the transport is like abort(): exchanges in flight end with Errc::stopped, and idle
// connections are closed. Afterwards nothing is pending in the io_context. (The system's own host
// name lookup cannot be interrupted; it ends by itself in a thread that nobody waits for.)
std::unique_ptr<Transport> make_transport(const boost::asio::any_io_executor& executor,
                                          Origin origin, TransportConfig config = {});

}  // namespace kinto_mirror::http
