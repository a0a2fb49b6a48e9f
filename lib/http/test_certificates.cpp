#include "http/test_certificates.hpp"

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <unistd.h>

namespace kinto_mirror::http {

namespace {

void add_extension(X509* certificate, int nid, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
  REQUIRE(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// Chains are looked for by names: each has its own.
void name(X509* certificate, const std::string& common_name) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(common_name.c_str());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, bytes, -1, -1,
                             0);
}

}  // namespace

Identity::Identity(const std::string& names) : Identity(names, nullptr, true) {}

Identity::Identity(const std::string& names, const Identity& authority)
    : Identity(names, &authority, false) {}

Identity Identity::authority_below(const std::string& names, const Identity& authority) {
  return Identity(names, &authority, true);
}

Identity Identity::expired(const std::string& names, const Identity& authority) {
  return Identity(names, &authority, false, -60);
}

Identity::Identity(const std::string& names, const Identity* authority, bool is_authority,
                   long seconds_left)
    : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), EVP_PKEY_free),
      certificate_(X509_new(), X509_free) {
  X509* const certificate = certificate_.get();
  static long serial = 0;
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), seconds_left);
  X509_set_pubkey(certificate, key_.get());
  name(certificate, (authority != nullptr ? "signed " : "self-made ") + names);
  const X509* const issuer = authority != nullptr ? authority->certificate_.get() : certificate;
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  add_extension(certificate, NID_basic_constraints, is_authority ? "CA:TRUE" : "CA:FALSE");
  add_extension(certificate, NID_subject_alt_name, names);
  EVP_PKEY* const signer = authority != nullptr ? authority->key_.get() : key_.get();
  REQUIRE(X509_sign(certificate, signer, EVP_sha256()) > 0);
}

std::string Identity::certificate() const {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_X509(bio.get(), certificate_.get());
  char bytes[8192];
  const int count = BIO_read(bio.get(), bytes, sizeof bytes);
  REQUIRE(count > 0);
  return std::string(bytes, static_cast<std::size_t>(count));
}

std::unique_ptr<boost::asio::ssl::context> Identity::server_context() const {
  namespace ssl = boost::asio::ssl;
  auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
  REQUIRE(SSL_CTX_use_certificate(context->native_handle(), certificate_.get()) == 1);
  REQUIRE(SSL_CTX_use_PrivateKey(context->native_handle(), key_.get()) == 1);
  return context;
}

TemporaryFile::TemporaryFile(const std::string& content)
    : path_((std::getenv("TMPDIR") != nullptr ? std::string(std::getenv("TMPDIR")) : "/tmp") +
            "/kinto-mirror-test-XXXXXX") {
  const int descriptor = ::mkstemp(path_.data());
  REQUIRE(descriptor >= 0);
  REQUIRE(::write(descriptor, content.data(), content.size()) ==
          static_cast<ssize_t>(content.size()));
  ::close(descriptor);
}

TemporaryFile::~TemporaryFile() {
  std::remove(path_.c_str());
}

}  // namespace kinto_mirror::http
