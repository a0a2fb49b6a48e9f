#include "http/tls.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace kinto_mirror::http {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;

namespace {

Error unusable_store(const std::string& ca_file, const std::string& reason) {
  if (ca_file.empty()) {
    return Error(Errc::config, "the system's certificate store cannot be used (" + reason +
                                   "); install the CA certificates or give a ca_file");
  }
  return Error(Errc::config, "the certificates of ca_file '" + ca_file + "' cannot be loaded (" +
                                 reason + "); expected a readable file of PEM certificates");
}

bool is_address(const std::string& host) {
  boost::system::error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

std::string explain_certificate(long verdict) {
  std::string text = "certificate verify failed: ";
  text += X509_verify_cert_error_string(verdict);
  switch (verdict) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return text + "; use the name that the server's certificate holds";
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return text + "; renew the server's certificate, or check this machine's clock";
    default:
      return text +
             "; give the authority that signed the server's certificate, or that certificate "
             "itself, as ca_file";
  }
}

}  // namespace

Result<TlsContext> make_tls_context(const std::string& ca_file) {
  ERR_clear_error();
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  boost::system::error_code error;
  context->set_verify_mode(ssl::verify_peer, error);
  if (error) return unusable_store(ca_file, error.message());
  if (SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION) != 1) {
    return Error(Errc::internal, "OpenSSL refuses to ask for TLS 1.2 or newer");
  }
  // Nothing of ours needs it, and TLS 1.3 has none.
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION);
  if (ca_file.empty()) {
    context->set_default_verify_paths(error);
  } else {
    context->load_verify_file(ca_file, error);
    // What the operator names is trusted, whether or not it signed itself: an authority in between,
    // or the server's own certificate.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context->native_handle()),
                                X509_V_FLAG_PARTIAL_CHAIN);
  }
  if (error) return unusable_store(ca_file, error.message());
  return context;
}

bool expect_host(SSL* session, const std::string& host) {
  if (is_address(host)) {  // SNI has no place for addresses
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str()) == 1;
  }
  SSL_set_hostflags(session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // SSL_set_tlsext_host_name() is a macro with an old-style cast.
  char* const name = const_cast<char*>(host.c_str());
  const long sni = SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name);
  return sni == 1 && SSL_set1_host(session, host.c_str()) == 1;
}

Error explain_handshake(const boost::system::error_code& error, const SSL* session) {
  if (const long verdict = SSL_get_verify_result(session); verdict != X509_V_OK) {
    return {Errc::untrusted, explain_certificate(verdict)};
  }
  std::string text = "TLS handshake failed: " + error.message();
  if (error.category() == asio::error::get_ssl_category() &&
      ERR_GET_REASON(static_cast<unsigned long>(error.value())) == SSL_R_WRONG_VERSION_NUMBER) {
    text += "; does the server speak TLS on this port, or should the URL begin with http://?";
  }
  return {Errc::unreachable, std::move(text)};
}

}  // namespace kinto_mirror::http
