#include "daemon/secrets.hpp"

#include <algorithm>

namespace kinto_mirror::daemon {

void SecretGuard::add(std::vector<std::string> secrets) {
  constexpr std::size_t least = 4;
  for (std::string& secret : secrets) {
    if (secret.size() >= least) secrets_.push_back(std::move(secret));
  }
  std::ranges::stable_sort(secrets_, std::greater<>{}, &std::string::size);
}

std::string SecretGuard::clean(std::string_view text) const {
  std::string out(text);
  for (const std::string& secret : secrets_) {
    for (std::size_t at = out.find(secret); at != std::string::npos; at = out.find(secret, at)) {
      constexpr std::string_view mask = "****";
      out.replace(at, secret.size(), mask);
      at += mask.size();
    }
  }
  return out;
}

void SecretGuard::clean(Event& event) const {
  if (secrets_.empty()) return;
  event.message = clean(event.message);
  for (Field& field : event.fields) {
    if (auto* text = std::get_if<std::string>(&field.value)) *text = clean(*text);
  }
}

}  // namespace kinto_mirror::daemon
