#include "http/transport.hpp"

#include <boost/beast/core/string.hpp>

namespace kinto_mirror::http {

std::optional<std::string_view> find_header(const Headers& headers,
                                            std::string_view name) noexcept {
  for (const auto& [key, value] : headers) {
    if (key.size() == name.size() && boost::beast::iequals(key, name)) return value;
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
