#include "daemon/secrets.hpp"

#include <algorithm>

namespace kinto_mirror::daemon {

namespace {

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool is_hex(std::string_view text) noexcept {
  return std::ranges::all_of(
      text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
}

// Whether `text` may as well be a word or a number that means something else: "test", "8000".
bool is_ordinary(std::string_view text) noexcept {
  constexpr std::size_t too_long_for_a_word = 12;
  return text.size() < too_long_for_a_word &&
         (std::ranges::all_of(text, is_letter) || std::ranges::all_of(text, is_digit));
}

// Whether `text` ends in a character that is written as an escape: "\n", "\x1b", "\u0022", "%20".
bool ends_in_escape(std::string_view text) noexcept {
  const auto ends = [text](std::string_view sign, std::size_t digits) {
    if (text.size() < sign.size() + digits) return false;
    const std::string_view tail = text.substr(text.size() - sign.size() - digits);
    return tail.starts_with(sign) && is_hex(tail.substr(sign.size()));
  };
  const bool letter = text.size() >= 2 && text[text.size() - 2] == '\\';
  return letter || ends("\\x", 2) || ends("\\u", 4) || ends("%", 2);
}

bool stands_alone(std::string_view text, std::size_t at, std::size_t size) noexcept {
  const auto of_a_word = [](char c) { return is_letter(c) || is_digit(c); };
  const std::string_view before = text.substr(0, at);
  const std::string_view behind = text.substr(at + size);
  const bool begins = before.empty() || !of_a_word(before.back()) || ends_in_escape(before);
  return begins && (behind.empty() || !of_a_word(behind.front()));
}

}  // namespace

void SecretGuard::add(std::vector<std::string> secrets) {
  constexpr std::size_t least = 4;
  for (std::string& secret : secrets) {
    if (secret.size() >= least) secrets_.push_back(std::move(secret));
  }
  std::ranges::stable_sort(secrets_, std::greater<>{}, &std::string::size);
}

std::string SecretGuard::clean(std::string_view text) const {
  constexpr std::string_view mask = "****";
  std::string out(text);
  for (const std::string& secret : secrets_) {
    const bool ordinary = is_ordinary(secret);
    for (std::size_t at = out.find(secret); at != std::string::npos; at = out.find(secret, at)) {
      if (ordinary && !stands_alone(out, at, secret.size())) {
        ++at;
        continue;
      }
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
