#include "model/credentials.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstdint>
#include <cstdio>

namespace kinto_mirror::model {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Of each character in the alphabet; its size where it has none.
constexpr auto places = [] {
  std::array<std::uint8_t, 256> out{};
  out.fill(static_cast<std::uint8_t>(alphabet.size()));
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    out[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return out;
}();

}  // namespace

std::optional<std::string> principal_of(std::string_view authorization, std::string_view secret) {
  if (!authorization.starts_with("Basic ")) return std::nullopt;
  const auto credentials = from_base64(authorization.substr(6));
  if (!credentials) return std::nullopt;
  const std::size_t colon = credentials->find(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(credentials->data()), credentials->size(), digest,
       &size);
  std::string text = "basicauth:";
  for (unsigned int i = 0; i < size; ++i) {
    char hex[3];
    std::snprintf(hex, sizeof hex, "%02x", digest[i]);
    text += hex;
  }
  return text;
}

std::string to_base64(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 3 * 4 + 4);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) out += alphabet[(bits >> (count - 6)) & 63];
  }
  if (count > 0) out += alphabet[(bits << (6 - count)) & 63];
  while (out.size() % 4 != 0) out += '=';
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  std::size_t used = 0;
  for (const char c : text) {
    const std::uint32_t value = places[static_cast<unsigned char>(c)];
    if (value == alphabet.size()) continue;
    ++used;
    bits = (bits << 6) | value;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>((bits >> count) & 255);
    }
  }
  if (used % 4 == 1 || (used % 4 != 0 && text.find('=') == std::string_view::npos)) {
    return std::nullopt;
  }
  return out;
}

}  // namespace kinto_mirror::model
