#pragma once
// TLS as this client speaks it: 1.2 or newer, with the server's certificate and name verified.

#include "base/error.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>

#include <memory>
#include <string>

namespace kinto_mirror::http {

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

// Trusts the certificates of `ca_file` (PEM), or the system's store if it is empty.
Result<TlsContext> make_tls_context(const std::string& ca_file);

// Tells a new TLS session which name to ask for and to insist on. False if OpenSSL refuses it.
bool expect_host(SSL* session, const std::string& host);

// Why the handshake of `session` failed, and what to do about it: untrusted where the server's
// certificate was refused, else unreachable.
Error explain_handshake(const boost::system::error_code& error, const SSL* session);

}  // namespace kinto_mirror::http
