#include "daemon/status/gauge_text.hpp"

#include "daemon/text.hpp"

#include <fmt/format.h>

#include <iterator>

namespace kinto_mirror::daemon {

std::string labels_text(
    std::initializer_list<std::pair<std::string_view, std::string_view>> labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    out += out.empty() ? '{' : ',';
    out += name;
    out += "=\"";
    for (const char c : to_valid_utf8(value)) {
      if (c == '\\' || c == '"') out += '\\';
      if (c == '\n') {
        out += "\\n";
      } else {
        out += c;
      }
    }
    out += '"';
  }
  return out + "}";
}

void begin_gauge(std::string& out, std::string_view name, std::string_view help) {
  fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} gauge\n", name, help);
}

void add_gauge(std::string& out, std::string_view name, std::string_view labels, double value) {
  out += name;
  out += labels;
  fmt::format_to(std::back_inserter(out), " {}\n", value);
}

}  // namespace kinto_mirror::daemon
