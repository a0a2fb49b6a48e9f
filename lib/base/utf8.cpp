#include "base/utf8.hpp"

#include <utf8.h>

namespace kinto_mirror {

std::string to_valid_utf8(std::string_view text) {
  constexpr std::string_view replacement = "\xEF\xBF\xBD";
  std::string out;
  out.reserve(text.size());
  // Its own replace_invalid() has one mark for several bytes.
  for (std::size_t bad = 0; (bad = utf8::find_invalid(text)) != std::string_view::npos;) {
    out += text.substr(0, bad);
    out += replacement;
    text.remove_prefix(bad + 1);
  }
  return out += text;
}

}  // namespace kinto_mirror
