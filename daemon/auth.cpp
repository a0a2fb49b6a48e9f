#include "daemon/auth.hpp"

#include "http/url.hpp"
#include "kinto/credentials.hpp"

namespace kinto_mirror::daemon {

namespace {

constexpr std::string_view bearer = "Bearer ";

}  // namespace

Result<std::string> checked_authorization(std::string_view auth) {
  const Error refused(Errc::config, "is neither USER:PASS nor Bearer TOKEN");
  if (auth.empty()) return refused;
  if (auth.starts_with(bearer) &&
      auth.substr(bearer.size()).find_first_of(" \t") != std::string_view::npos) {
    return Error(Errc::config, "has a blank inside its token");
  }
  // A header pasted whole, or a token without its word, would go out as an odd user name.
  if (auth.starts_with("Basic ") || auth.starts_with("bearer ")) return refused;
  Result<std::string> header = kinto::authorization(auth);
  if (!header && header.error().message.find("control character") != std::string::npos) {
    return Error(Errc::config, "holds a control character, such as a line end");
  }
  if (!header) return refused;
  // As `config show`, the log and the commands that it advises print it.
  if (auth == masked_auth(auth)) {
    return Error(Errc::config, "holds the mask **** where the secret belongs");
  }
  return header;
}

std::string masked_auth(std::string_view auth) {
  if (auth.empty()) return {};
  if (auth.starts_with(bearer)) return "Bearer ****";
  const std::size_t colon = auth.find(':');
  if (colon == std::string_view::npos) return "****";
  return std::string(auth.substr(0, colon)) + ":****";
}

std::vector<std::string> secrets_of_auth(std::string_view auth) {
  if (auth.empty()) return {};
  std::vector<std::string> secrets{std::string(auth)};
  const bool token = auth.starts_with(bearer);
  const std::size_t colon = auth.find(':');
  const std::string_view secret =
      auth.substr(token ? bearer.size() : (colon == std::string_view::npos ? 0 : colon + 1));
  if (!secret.empty()) {
    secrets.emplace_back(secret);
    secrets.push_back(http::percent_encode(secret));
  }
  if (const Result<std::string> header = kinto::authorization(auth); header && !token) {
    secrets.push_back(header->substr(std::string_view("Basic ").size()));
  }
  return secrets;
}

}  // namespace kinto_mirror::daemon
