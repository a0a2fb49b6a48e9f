#include "http/url.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <system_error>
#include <utility>

namespace kinto_mirror::http {

namespace urls = boost::urls;

namespace {

Error refused(std::string_view reason) {
  return Error(Errc::config, "the server's URL " + std::string(reason) +
                                 "; expected http://HOST[:PORT][/PREFIX] or "
                                 "https://HOST[:PORT][/PREFIX], like https://kinto.example.org/v1");
}

Error wrong(std::string_view reason) {
  return Error(Errc::config, std::string(reason));
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_version(std::string_view segment) {
  return segment.size() > 1 && segment.front() == 'v' &&
         std::all_of(segment.begin() + 1, segment.end(), is_digit);
}

// A host name, an IPv4 or an IPv6 address. Other text, which an URL may hold percent-encoded,
// would reach the Host header.
bool is_host(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '.' || c == '_' || c == ':';
  });
}

// 0 if it is out of range. Boost.URL 1.81 would make 34463 of "99999".
unsigned port_of(std::string_view digits) {
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() && end == digits.data() + digits.size() ? number : 0U;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  return text;
}

std::string base_path_of(std::string path) {
  while (path.ends_with('/')) path.pop_back();
  const std::size_t slash = path.rfind('/');
  const bool versioned =
      slash != std::string::npos && is_version(std::string_view(path).substr(slash + 1));
  return versioned ? path : path + "/v1";
}

// The reason of an error is in words that follow "URL".
Result<Origin> origin_of(const urls::url_view& url) {
  const bool tls = url.scheme_id() == urls::scheme::https;
  if (!tls && url.scheme_id() != urls::scheme::http) return wrong("is neither http nor https");
  if (!url.has_authority()) return wrong("names no host");
  if (url.has_fragment()) return wrong("holds a fragment ('#...'), which has no meaning here");
  Origin origin;
  origin.tls = tls;
  origin.host = lower(url.host_address());
  if (origin.host.empty()) return wrong("names no host");
  if (!is_host(origin.host)) {
    return wrong(
        "names a host with characters that no host name has (international names are "
        "given in their xn-- form)");
  }
  origin.port = tls ? "443" : "80";
  if (url.has_port() && !url.port().empty()) {
    const unsigned number = port_of(std::string_view(url.port().data(), url.port().size()));
    if (number == 0) return wrong("has a port outside 1..65535");
    origin.port = std::to_string(number);
  }
  // Boost.URL 1.81 takes what follows a port that is no number for a path.
  const std::string_view path(url.encoded_path().data(), url.encoded_path().size());
  if (!path.empty() && path.front() != '/') return wrong("has a port that is no number");
  return origin;
}

}  // namespace

std::string ServerUrl::str() const {
  return origin.str() + base_path;
}

Result<ServerUrl> parse_server_url(std::string_view text) {
  if (text.find_first_of(" \t\r\n") == 0 || text.find_last_of(" \t\r\n") + 1 == text.size()) {
    if (!text.empty())
      return refused("has a blank before or after it, which does not belong there");
  }
  const auto parsed = urls::parse_uri(text);
  if (!parsed) return refused("cannot be understood");
  const urls::url_view& url = *parsed;
  auto origin = origin_of(url);
  if (!origin) return refused(origin.error().message);
  if (url.has_query()) return refused("holds a query ('?...'), which has no meaning here");
  ServerUrl server;
  server.origin = std::move(*origin);
  const std::string path(url.encoded_path().data(), url.encoded_path().size());
  // What stands before such an '@' was meant as user and password, cut short by a '/' in it.
  if (path.find('@') != std::string::npos) {
    return refused("holds an '@' in its path: percent-encode '/', '?', '#' and '@' in a password");
  }
  server.base_path = base_path_of(path);
  server.userinfo = url.userinfo();
  return server;
}

Result<WebUrl> parse_web_url(std::string_view text) {
  const auto parsed = urls::parse_uri(text);
  if (!parsed) return wrong("is no URL");
  const urls::url_view& url = *parsed;
  auto origin = origin_of(url);
  if (!origin) return origin.error();
  if (url.has_userinfo()) return wrong("holds a user, which is not sent");
  WebUrl out;
  out.origin = std::move(*origin);
  const urls::string_view target = url.encoded_target();
  out.target = std::string(target.data(), target.size());
  if (!out.target.starts_with('/')) out.target.insert(0, "/");
  return out;
}

std::string percent_encode(std::string_view text) {
  if (std::ranges::all_of(text, urls::unreserved_chars)) return std::string(text);
  return urls::encode(urls::string_view(text.data(), text.size()), urls::unreserved_chars);
}

}  // namespace kinto_mirror::http
