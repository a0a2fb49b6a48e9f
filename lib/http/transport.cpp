#include "http/transport.hpp"

#include <algorithm>

namespace kinto_mirror::http {

namespace {

char small(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool same_name(std::string_view one, std::string_view other) noexcept {
  return std::ranges::equal(one, other, {}, small, small);
}

std::optional<std::string_view> find_header(const Headers& headers,
                                            std::string_view name) noexcept {
  for (const auto& [key, value] : headers) {
    if (same_name(key, name)) return value;
  }
  return std::nullopt;
}

std::string Origin::str() const {
  const bool ipv6 = host.find(':') != std::string::npos;
  std::string text = tls ? "https://" : "http://";
  text += ipv6 ? "[" + host + "]" : host;
  if (port != (tls ? "443" : "80")) text += ":" + port;
  return text;
}

}  // namespace kinto_mirror::http
