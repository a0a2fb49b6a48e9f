#include "daemon/event.hpp"

#include "daemon/text.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace kinto_mirror::daemon {

namespace {

std::string_view colour_of(Level level) {
  switch (level) {
    case Level::trace:
    case Level::debug:
      return "\x1b[2m";
    case Level::info:
      return "\x1b[32m";
    case Level::warning:
      return "\x1b[33m";
    case Level::error:
      return "\x1b[31m";
  }
  return "";
}

std::string quoted_where_needed(const std::string& value) {
  std::string text = printable(value);
  if (!text.empty() && text.find_first_of(" =\"") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

struct ToText {
  std::string operator()(const std::string& value) const { return quoted_where_needed(value); }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const { return fmt::format("{:.6g}", value); }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
};

}  // namespace

std::string_view to_string(Level level) noexcept {
  switch (level) {
    case Level::trace:
      return "trace";
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warn";
    case Level::error:
      return "error";
  }
  return "error";
}

std::string text_line(const Event& event, bool colours) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(event.time);
  const auto second = std::chrono::floor<std::chrono::seconds>(ms);
  std::string level = fmt::format("{:<5}", to_string(event.level));
  if (colours) level = fmt::format("{}{}\x1b[0m", colour_of(event.level), level);
  std::string line = fmt::format("{:%Y-%m-%d %H:%M:%S}.{:03d} {} {}",
                                 fmt::gmtime(std::chrono::system_clock::to_time_t(second)),
                                 (ms - second).count(), level, printable(event.message));
  for (const Field& field : event.fields) {
    line += " " + printable(field.key) + "=" + std::visit(ToText{}, field.value);
  }
  return line;
}

}  // namespace kinto_mirror::daemon
