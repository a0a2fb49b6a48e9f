#include "daemon/webhook/signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <optional>

namespace kinto_mirror::daemon {

namespace {

const unsigned char* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string to_base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(bytes),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

// Nothing where it is none.
std::optional<std::string> from_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  std::string out(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(text),
                                   static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  // It counts the padding as bytes.
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

std::string hmac(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(),
       digest.data(), &size);
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
