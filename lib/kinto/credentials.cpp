#include "kinto/credentials.hpp"

#include "base/base64.hpp"

#include <algorithm>

namespace kinto_mirror::kinto {

namespace {

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
  return "Basic " + to_base64(auth);
}

}  // namespace kinto_mirror::kinto
