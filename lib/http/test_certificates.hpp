#pragma once
// Certificates made on the spot, so that none in the tests ever expires.

#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <string>

namespace kinto_mirror::http {

// A key and its certificate.
class Identity {
 public:
  // Signs itself. `names` as in openssl.cnf: "DNS:localhost,IP:127.0.0.1".
  explicit Identity(const std::string& names);
  // Signed by `authority`.
  Identity(const std::string& names, const Identity& authority);

  // Signed by `authority`, and may sign others.
  static Identity authority_below(const std::string& names, const Identity& authority);

  // Signed by `authority`, and over since a minute.
  static Identity expired(const std::string& names, const Identity& authority);

  [[nodiscard]] std::string certificate() const;  // PEM

  // What a server needs to show this identity.
  [[nodiscard]] std::unique_ptr<boost::asio::ssl::context> server_context() const;

 private:
  Identity(const std::string& names, const Identity* authority, bool is_authority,
           long seconds_left = 3600);

  std::shared_ptr<EVP_PKEY> key_;
  std::shared_ptr<X509> certificate_;
};

// A file that is gone when it goes out of scope.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace kinto_mirror::http
