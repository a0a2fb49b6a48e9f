#include "kinto/credentials.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace kinto_mirror::kinto {

namespace {

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = (group << 8) | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out.push_back(i <= count ? digits[(group >> (18 - 6 * i)) & 63U] : '=');
    }
  }
  return out;
}

bool printable(std::string_view text) {
  return std::ranges::none_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

}  // namespace

Result<std::string> authorization(std::string_view auth) {
  constexpr std::string_view bearer = "Bearer ";
  if (auth.empty()) return std::string();
  if (!printable(auth)) {
    return Error(Errc::config, "the credentials hold a control character (a line end?)");
  }
  if (auth.starts_with(bearer) && auth.size() > bearer.size()) return std::string(auth);
  const std::size_t colon = auth.find(':');
  if (colon == std::string_view::npos || colon == 0) {
    return Error(Errc::config, "credentials must be USER:PASS or 'Bearer TOKEN'");
  }
  return "Basic " + base64(auth);
}

}  // namespace kinto_mirror::kinto
