#include "daemon/logging.hpp"

#include "daemon/log_sink.hpp"
#include "daemon/mozlog.hpp"
#include "daemon/secrets.hpp"

#include <cstdlib>
#include <memory>
#include <optional>
#include <unistd.h>

namespace kinto_mirror::daemon {

namespace {

// How an event becomes a line. Shared with the thread that writes: it never changes.
struct Lines {
  LogOptions options;
  bool colours = false;
  Process process;
  SecretGuard guard;

  [[nodiscard]] std::string of(Event event) const {
    guard.clean(event);
    const bool json = options.format == LogFormat::json;
    return (json ? mozlog_line(event, process) : text_line(event, colours)) + "\n";
  }
};

std::shared_ptr<const Lines> make_lines(const LogOptions& options, bool colours,
                                        std::vector<std::string> secrets) {
  auto lines = std::make_shared<Lines>();
  lines->options = options;
  lines->colours = colours;
  lines->process = Process::current();
  lines->guard.add(std::move(secrets));
  return lines;
}

Event event_of(Level level, std::string_view type, std::string message, Fields fields) {
  return {std::chrono::system_clock::now(), level, std::string(type), std::move(message),
          std::move(fields)};
}

std::string dropped_line(const Lines& lines, std::size_t count) {
  Fields fields;
  fields.emplace_back("lines", count);
  return lines.of(event_of(Level::warning, "log.dropped",
                           "dropped " + std::to_string(count) +
                               " lines of the log: whatever reads stderr did not keep up",
                           std::move(fields)));
}

struct Log {
  std::shared_ptr<const Lines> lines;
  std::unique_ptr<LogQueue> queue;  // one of the two
  std::ostream* stream = nullptr;

  void write(std::string_view text) const {
    if (queue) {
      queue->push(text);
    } else {
      *stream << text;
    }
  }
};

std::optional<Log>& log() {
  static std::optional<Log> instance;
  return instance;
}

std::function<void()>& before_line() {
  static std::function<void()> hook;
  return hook;
}

}  // namespace

void start_logging(const LogOptions& options, std::vector<std::string> secrets) {
  const char* no_color = std::getenv("NO_COLOR");
  const bool plain = no_color != nullptr && *no_color != '\0';
  const bool colours = options.format == LogFormat::text && ::isatty(STDERR_FILENO) == 1 && !plain;
  Log started;
  started.lines = make_lines(options, colours, std::move(secrets));
  started.queue = std::make_unique<LogQueue>(
      STDERR_FILENO,
      [lines = started.lines](std::size_t count) { return dropped_line(*lines, count); });
  log() = std::move(started);
}

void start_logging(const LogOptions& options, std::vector<std::string> secrets, std::ostream& out) {
  Log started;
  started.lines = make_lines(options, false, std::move(secrets));
  started.stream = &out;
  log() = std::move(started);
}

void stop_logging() {
  log().reset();
}

void hide_from_log(std::vector<std::string> secrets) {
  if (!log()) return;
  Lines more = *log()->lines;  // the old ones are another thread's too
  more.guard.add(std::move(secrets));
  log()->lines = std::make_shared<const Lines>(std::move(more));
}

void set_log_level(Level level) {
  if (!log()) return;
  Lines other = *log()->lines;
  other.options.level = level;
  log()->lines = std::make_shared<const Lines>(std::move(other));
}

void flush_log() {
  if (log() && log()->queue) log()->queue->drain(std::chrono::milliseconds{500});
}

bool is_logged(Level level) {
  return log().has_value() && level >= log()->lines->options.level;
}

void log_event(Level level, std::string_view type, std::string message, Fields fields) {
  if (!is_logged(level)) return;
  const std::string line =
      log()->lines->of(event_of(level, type, std::move(message), std::move(fields)));
  if (before_line()) before_line()();
  log()->write(line);
}

void draw_beside_log(std::string_view text) {
  if (log()) log()->write(text);
}

bool log_keeps_up() {
  return log() && (!log()->queue || log()->queue->idle());
}

void set_before_line(std::function<void()> hook) {
  before_line() = std::move(hook);
}

}  // namespace kinto_mirror::daemon
