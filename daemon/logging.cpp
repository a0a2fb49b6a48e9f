#include "daemon/logging.hpp"

#include "daemon/mozlog.hpp"
#include "daemon/secrets.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <unistd.h>

namespace kinto_mirror::daemon {

namespace {

struct Log {
  LogOptions options;
  bool colours = false;
  Process process;
  SecretGuard guard;
  spdlog::logger logger;

  Log(const LogOptions& options_, bool colours_, std::vector<std::string> secrets,
      spdlog::sink_ptr sink)
      : options(options_),
        colours(colours_),
        process(Process::current()),
        logger("kinto-mirror", std::move(sink)) {
    guard.add(std::move(secrets));
    logger.set_pattern("%v");  // the line is complete; spdlog's patterns would not escape JSON
    logger.set_level(spdlog::level::trace);
    logger.flush_on(spdlog::level::trace);
    // Where the log cannot be written there is nobody to tell.
    logger.set_error_handler([](const std::string&) {});
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

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::trace:
      return spdlog::level::trace;
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

}  // namespace

void start_logging(const LogOptions& options, std::vector<std::string> secrets) {
  const char* no_color = std::getenv("NO_COLOR");
  const bool plain = no_color != nullptr && *no_color != '\0';
  const bool colours = options.format == LogFormat::text && ::isatty(STDERR_FILENO) == 1 && !plain;
  log().emplace(options, colours, std::move(secrets),
                std::make_shared<spdlog::sinks::stderr_sink_st>());
}

void start_logging(const LogOptions& options, std::vector<std::string> secrets, std::ostream& out) {
  log().emplace(options, false, std::move(secrets),
                std::make_shared<spdlog::sinks::ostream_sink_st>(out));
}

void stop_logging() {
  log().reset();
}

bool is_logged(Level level) {
  return log().has_value() && level >= log()->options.level;
}

void log_event(Level level, std::string_view type, std::string message, Fields fields) {
  if (!is_logged(level)) return;
  Event event{std::chrono::system_clock::now(), level, std::string(type), std::move(message),
              std::move(fields)};
  log()->guard.clean(event);
  const std::string line = log()->options.format == LogFormat::json
                               ? mozlog_line(event, log()->process)
                               : text_line(event, log()->colours);
  if (before_line()) before_line()();
  log()->logger.log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
}

void set_before_line(std::function<void()> hook) {
  before_line() = std::move(hook);
}

}  // namespace kinto_mirror::daemon
