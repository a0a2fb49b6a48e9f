// Whom the client trusts, and what it says when it does not.

#include "http/tls.hpp"

#include "http/beast_transport.hpp"
#include "http/test_certificates.hpp"
#include "http/test_server.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>
#include <openssl/ssl.h>

namespace kinto_mirror::http {
namespace {

namespace asio = boost::asio;

struct Outcome {
  Result<Response> first = Error(Errc::internal, "not asked");
  Result<Response> second = Error(Errc::internal, "not asked");
  int accepted = 0;
};

// Asks a server that shows `identity` twice, as `host`.
Outcome ask(asio::ssl::context& server_tls, const std::string& host, const std::string& ca_file) {
  asio::io_context context;
  TestServer server(context, answer_with_number, &server_tls);
  Origin origin = server.origin();
  origin.host = host;
  TransportConfig config;
  config.ca_file = ca_file;
  const auto transport = make_transport(context.get_executor(), origin, config);
  Outcome outcome;
  run_bounded(context, [&]() -> Task<void> {
    outcome.first = co_await get(*transport, "/v1/");
    outcome.second = co_await get(*transport, "/v1/");
  });
  outcome.accepted = server.accepted();
  return outcome;
}

void check_refused(const Outcome& outcome, Errc code, const std::string& reason) {
  REQUIRE(!outcome.first.has_value());
  const Error& error = outcome.first.error();
  CAPTURE(error.message);
  CHECK(error.code == code);
  CHECK(error.message.starts_with("GET https://"));
  CHECK(error.message.find(reason) != std::string::npos);
}

TEST_CASE(
    "a server whose certificate the ca_file vouches for is trusted, and its connection kept") {
  const Identity authority("DNS:authority");
  const Identity server("DNS:localhost,IP:127.0.0.1", authority);
  const TemporaryFile ca(authority.certificate());
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    CAPTURE(host);
    const auto outcome = ask(*server.server_context(), host, ca.path());
    REQUIRE_MESSAGE(outcome.second.has_value(), outcome.second.error().message);
    CHECK(outcome.second->body == "1");
    CHECK(outcome.accepted == 1);
  }
}

TEST_CASE("an authority in between, and the server's own certificate, are trusted where named") {
  const Identity root("DNS:root");
  const Identity between = Identity::authority_below("DNS:between", root);
  const Identity server("DNS:localhost", between);
  const TemporaryFile authority(between.certificate());
  const TemporaryFile own(server.certificate());
  for (const TemporaryFile* file : {&authority, &own}) {
    const auto trusted = ask(*server.server_context(), "localhost", file->path());
    REQUIRE_MESSAGE(trusted.first.has_value(), trusted.first.error().message);
    check_refused(ask(*server.server_context(), "127.0.0.1", file->path()), Errc::untrusted,
                  "IP address mismatch");
  }
  const Identity other("DNS:localhost", root);
  check_refused(ask(*other.server_context(), "localhost", authority.path()), Errc::untrusted,
                "certificate verify failed");
}

int note_name(SSL* session, int* /*alert*/, void* noted) {
  const char* const name = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);
  *static_cast<std::string*>(noted) = name != nullptr ? name : "none";
  return SSL_TLSEXT_ERR_OK;
}

TEST_CASE("the server is told which name is meant, but no address") {
  const Identity authority("DNS:authority");
  const Identity server("DNS:localhost,IP:127.0.0.1", authority);
  const TemporaryFile ca(authority.certificate());
  const auto server_tls = server.server_context();
  std::string noted;
  SSL_CTX* const context = server_tls->native_handle();
  const auto callback = reinterpret_cast<void (*)()>(note_name);
  SSL_CTX_callback_ctrl(context, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB, callback);
  SSL_CTX_ctrl(context, SSL_CTRL_SET_TLSEXT_SERVERNAME_ARG, 0, &noted);
  ask(*server_tls, "localhost", ca.path());
  CHECK(noted == "localhost");
  ask(*server_tls, "127.0.0.1", ca.path());
  CHECK(noted == "none");
}

TEST_CASE("the wrong name is refused") {
  const Identity authority("DNS:authority");
  const TemporaryFile ca(authority.certificate());
  const Identity other("DNS:kinto.example.org,IP:127.0.0.2", authority);
  check_refused(ask(*other.server_context(), "localhost", ca.path()), Errc::untrusted,
                "certificate verify failed: hostname mismatch");
  check_refused(ask(*other.server_context(), "127.0.0.1", ca.path()), Errc::untrusted,
                "certificate verify failed: IP address mismatch");
  const Identity name_only("DNS:127.0.0.1", authority);
  check_refused(ask(*name_only.server_context(), "127.0.0.1", ca.path()), Errc::untrusted,
                "certificate verify failed: IP address mismatch");
}

TEST_CASE("a stranger's signature is refused") {
  const Identity authority("DNS:authority");
  const Identity stranger("DNS:localhost");
  const TemporaryFile ca(authority.certificate());
  check_refused(ask(*stranger.server_context(), "localhost", ca.path()), Errc::untrusted,
                "certificate verify failed: self-signed certificate; give the authority");
  check_refused(ask(*stranger.server_context(), "localhost", ""), Errc::untrusted,
                "certificate verify failed: self-signed certificate");
  const Identity signed_by_stranger("DNS:localhost", stranger);
  check_refused(ask(*signed_by_stranger.server_context(), "localhost", ca.path()), Errc::untrusted,
                "certificate verify failed: ");
}

TEST_CASE("a certificate that is over is refused, with what may be wrong") {
  const Identity authority("DNS:authority");
  const TemporaryFile ca(authority.certificate());
  const Identity over = Identity::expired("DNS:localhost", authority);
  check_refused(ask(*over.server_context(), "localhost", ca.path()), Errc::untrusted,
                "certificate has expired; renew the server's certificate, or check this machine's");
}

TEST_CASE("a server may not begin the handshake anew") {
  const auto context = make_tls_context("");
  REQUIRE(context.has_value());
  CHECK((SSL_CTX_get_options((*context)->native_handle()) & SSL_OP_NO_RENEGOTIATION) != 0);
}

TEST_CASE("nothing older than TLS 1.2 is spoken") {
  const Identity authority("DNS:authority");
  const Identity server("DNS:localhost", authority);
  const TemporaryFile ca(authority.certificate());
  const auto old = server.server_context();
  SSL_CTX_set_security_level(old->native_handle(), 0);
  SSL_CTX_set_min_proto_version(old->native_handle(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(old->native_handle(), TLS1_1_VERSION);
  check_refused(ask(*old, "localhost", ca.path()), Errc::unreachable, "TLS handshake failed: ");
  const auto enough = server.server_context();
  SSL_CTX_set_max_proto_version(enough->native_handle(), TLS1_2_VERSION);
  const auto outcome = ask(*enough, "localhost", ca.path());
  CHECK(outcome.second.has_value());
  CHECK(outcome.accepted == 1);
}

TEST_CASE("https spoken to an http port says so") {
  asio::io_context context;
  TestServer server(context, [](Peer& peer, int) -> Task<void> {
    std::string bytes = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    co_await peer.send(std::move(bytes));
    co_await peer.wait_for_close();
  });
  Origin origin = server.origin();
  origin.tls = true;
  const auto transport = make_transport(context.get_executor(), origin);
  Outcome outcome;
  run_bounded(context, [&]() -> Task<void> { outcome.first = co_await get(*transport, "/v1/"); });
  check_refused(outcome, Errc::unreachable, "should the URL begin with http://?");
}

TEST_CASE("a ca_file that cannot be loaded is named, at once and in every exchange") {
  const Identity server("DNS:localhost");
  const TemporaryFile garbage("this is no PEM\n");
  for (const std::string& path : {std::string("/nonexistent/ca.pem"), garbage.path()}) {
    CAPTURE(path);
    TransportConfig config;
    config.ca_file = path;
    const auto checked = check_certificates(config);
    REQUIRE(checked.has_error());
    CHECK(checked.error().code == Errc::config);
    CHECK(checked.error().message.find(path) != std::string::npos);
    check_refused(ask(*server.server_context(), "localhost", path), Errc::config, path);
  }
  CHECK(check_certificates({}).has_value());
}

TEST_CASE("an idle connection is closed with a goodbye") {
  const Identity authority("DNS:authority");
  const Identity identity("DNS:localhost,IP:127.0.0.1", authority);
  const TemporaryFile ca(authority.certificate());
  const auto server_tls = identity.server_context();
  asio::io_context context;
  boost::system::error_code end;
  TestServer server(
      context,
      [&](Peer& peer, int number) -> Task<void> {
        try {
          co_await answer_with_number(peer, number);
        } catch (const boost::system::system_error& error) {
          end = error.code();
        }
      },
      server_tls.get());
  TransportConfig config;
  config.ca_file = ca.path();
  config.idle_timeout = std::chrono::milliseconds(20);
  const auto transport = make_transport(context.get_executor(), server.origin(), config);
  run_bounded(context, [&]() -> Task<void> {
    const auto got = co_await get(*transport, "/v1/");
    REQUIRE(got.has_value());
    asio::steady_timer timer(context, std::chrono::milliseconds(100));
    co_await timer.async_wait(asio::use_awaitable);
  });
  CHECK(end == asio::error::eof);  // a connection just cut would read as "stream truncated"
}

}  // namespace
}  // namespace kinto_mirror::http
