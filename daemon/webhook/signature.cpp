#include "daemon/webhook/signature.hpp"

#include "base/base64.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace kinto_mirror::daemon {

namespace {

std::string hmac(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

}  // namespace

Result<std::string> parse_webhook_key(std::string content) {
  constexpr std::string_view prefix = "whsec_";
  while (content.ends_with('\n') || content.ends_with('\r')) content.pop_back();
  if (content.empty()) return Error(Errc::config, "is empty, where a secret belongs");
  if (!content.starts_with(prefix)) return content;
  auto key = from_base64(std::string_view(content).substr(prefix.size()));
  if (!key || key->empty()) {
    return Error(Errc::config,
                 "holds whsec_ and then no base64: give the secret as it was issued, or any text "
                 "that does not begin so");
  }
  return std::move(*key);
}

http::Headers signed_headers(std::string_view key, std::string_view id, std::int64_t seconds,
                             std::string_view body) {
  const std::string time = std::to_string(seconds);
  http::Headers headers{{"webhook-id", std::string(id)}, {"webhook-timestamp", time}};
  if (key.empty()) return headers;
  const std::string text = std::string(id) + "." + time + "." + std::string(body);
  headers.emplace_back("webhook-signature", "v1," + to_base64(hmac(key, text)));
  return headers;
}

}  // namespace kinto_mirror::daemon
