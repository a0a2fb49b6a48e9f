#include "daemon/text.hpp"

#include <cstddef>

namespace kinto_mirror::daemon {

namespace {

unsigned char byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

std::string escaped(unsigned char code) {
  if (code == '\n') return "\\n";
  if (code == '\r') return "\\r";
  if (code == '\t') return "\\t";
  constexpr std::string_view digits = "0123456789abcdef";
  return {'\\', 'x', digits[code >> 4U], digits[code & 15U]};
}

}  // namespace

std::string printable(std::string_view text) {
  const std::string valid = to_valid_utf8(text);
  std::string out;
  out.reserve(valid.size());
  for (std::size_t at = 0; at < valid.size(); ++at) {
    const unsigned char lead = byte_at(valid, at);
    // Also the C1 controls (U+0080 to U+009F): some terminals obey them.
    const bool is_c1 = lead == 0xC2 && byte_at(valid, at + 1) < 0xA0;
    if (is_c1) ++at;
    if (is_c1 || lead < 0x20 || lead == 0x7F) {
      out += escaped(byte_at(valid, at));
    } else {
      out += valid[at];
    }
  }
  return out;
}

std::string_view without_name(std::string_view message, std::string_view name) noexcept {
  if (name.empty() || !message.starts_with(name)) return message;
  const std::string_view rest = message.substr(name.size());
  if (rest.starts_with(": ")) return rest.substr(2);
  // Its address follows.
  return rest.starts_with(" http") ? rest.substr(1) : message;
}

}  // namespace kinto_mirror::daemon
