#include "kinto/redirect.hpp"

#include "http/url.hpp"
#include "kinto/status.hpp"

#include <algorithm>

namespace kinto_mirror::kinto {

namespace {

std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find_first_of("?#"));
}

std::string_view without_slash(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

// The path that `location` means at `origin`; nothing where it is another server's.
std::optional<std::string_view> path_at(const http::Origin& origin, std::string_view location) {
  if (location.starts_with('/') && !location.starts_with("//")) return path_of(location);
  const std::size_t authority = location.find("://");
  if (authority == std::string_view::npos) return std::nullopt;
  const std::size_t path = std::min(location.size(), location.find_first_of("/?#", authority + 3));
  const auto url = http::parse_server_url(location.substr(0, path));
  if (!url || url->origin != origin) return std::nullopt;
  return path_of(location.substr(path));
}

}  // namespace

bool is_redirect(int status) noexcept {
  return status >= 300 && status < 400 && status != not_modified;
}

std::string redirected(const http::Response& answer) {
  const auto location = http::find_header(answer.headers, "Location");
  std::string text = std::to_string(answer.status) + ", a redirect";
  if (location) text += " to " + std::string(location->substr(0, location->find('?')));
  return text + ", which is not followed: configure the address where Kinto really is";
}

std::optional<Error> redirect_to_itself(const http::Origin& origin, std::string_view target,
                                        const http::Response& answer) {
  if (!is_redirect(answer.status)) return {};
  const auto location = http::find_header(answer.headers, "Location");
  const auto path = location ? path_at(origin, *location) : std::nullopt;
  const std::string_view asked = path_of(target);
  if (!path || without_slash(*path) != without_slash(asked)) return {};
  std::string text = std::to_string(answer.status) + ", a redirect back to the address asked, " +
                     origin.str() + std::string(*path) + ", which would never end";
  if (*path != asked) {
    return Error(Errc::not_kinto,
                 text + ": let the proxy in front of Kinto pass the path as it is, with the slash",
                 answer.status);
  }
  text += ": the proxy in front of Kinto, or Kinto itself, takes the request for another one";
  text += origin.tls ? ", http in place of https for one; let the proxy pass Host and "
                       "X-Forwarded-Proto: https"
                     : "; let the proxy pass Host and X-Forwarded-Proto";
  return Error(Errc::not_kinto,
               text + ", and set Kinto's kinto.http_scheme and kinto.http_host to this address",
               answer.status);
}

}  // namespace kinto_mirror::kinto
