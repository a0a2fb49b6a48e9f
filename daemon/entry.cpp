#include "daemon/entry.hpp"

#include "daemon/config_show.hpp"
#include "daemon/exit_code.hpp"
#include "daemon/help.hpp"
#include "daemon/load.hpp"
#include "daemon/logging.hpp"
#include "daemon/text.hpp"
#include "daemon/version.hpp"

#include <algorithm>
#include <ostream>

namespace kinto_mirror::daemon {

namespace {

void print(std::ostream& out, const std::vector<Error>& errors) {
  for (const Error& error : errors) out << "kinto-mirror: " << printable(error.message) << "\n";
}

std::vector<std::string> unknown(const Outside& outside, const Config& config) {
  std::vector<std::string> replicas;
  for (const Server& replica : config.replicas) replicas.push_back(replica.name);
  return unknown_variables(outside.variables, replicas);
}

void print_unknown(const Outside& outside, const Config& config) {
  for (const std::string& warning : unknown(outside, config)) {
    outside.err << "kinto-mirror: " << printable(warning) << "\n";
  }
}

// A bad flag comes first: it is what the caller has in hand.
int code_of(const std::vector<Error>& errors) {
  const bool usage =
      std::ranges::any_of(errors, [](const Error& error) { return error.code == Errc::usage; });
  return to_int(errors.empty() ? ExitCode::ok : (usage ? ExitCode::usage : ExitCode::config));
}

// What is missing does not hide the rest.
void show(const Config& config, std::ostream& out) {
  out << (config.json ? show_config_json(config) : show_config(config));
}

std::string help_of(const CommandLine& line) {
  return line.about == nullptr ? help_text() : help_text(*line.about);
}

std::string version_of(const CommandLine& line) {
  return line.config.json ? version_json() : "kinto-mirror " + program_version() + "\n";
}

int start(const Config& config, int (*command)(const Config&), const Outside& outside) {
  start_logging(config.log, secrets_of(config));
  const struct Written {
    ~Written() { stop_logging(); }  // also where a bug ends the command
  } written;
  for (std::string& warning : unknown(outside, config)) {
    log_event(Level::warning, "config.unknown", std::move(warning));
  }
  return command(config);
}

}  // namespace

int enter(const std::vector<std::string>& args, const Outside& outside, const Commands& commands) {
  CommandLine line = parse_command_line(args);
  if (line.help || line.version) {
    outside.out << (line.help ? help_of(line) : version_of(line));
    return to_int(ExitCode::ok);
  }
  if (!line.source.errors.empty()) {
    print(outside.err, line.source.errors);
    return to_int(ExitCode::usage);
  }
  const Loaded loaded = load_config(std::move(line), outside.environment, outside.on_terminal);
  if (loaded.config.verb == Verb::config_show) show(loaded.config, outside.out);
  // A setting that was misspelt is often what is missing.
  const bool judges =
      loaded.config.verb == Verb::config_show || loaded.config.verb == Verb::config_check;
  if (judges || !loaded.errors.empty()) print_unknown(outside, loaded.config);
  if (!loaded.errors.empty()) {
    print(outside.err, loaded.errors);
    return code_of(loaded.errors);
  }
  switch (loaded.config.verb) {
    case Verb::config_show:
      return to_int(ExitCode::ok);
    case Verb::config_check:
      outside.out << "configuration ok\n";
      return to_int(ExitCode::ok);
    case Verb::check:
      return start(loaded.config, commands.check, outside);
    case Verb::selftest:
      return start(loaded.config, commands.selftest, outside);
    case Verb::dump:
      return start(loaded.config, commands.dump, outside);
    case Verb::restore:
      return start(loaded.config, commands.restore, outside);
    case Verb::status:
      return commands.status(loaded.config);
    case Verb::healthcheck:
      return commands.healthcheck(loaded.config);
    case Verb::audit:
    case Verb::pause:
    case Verb::resume:
    case Verb::release:
    case Verb::sync:
    case Verb::reload:
      return commands.order(loaded.config);
    case Verb::run:
      return start(loaded.config, commands.run, outside);
  }
  return to_int(ExitCode::internal);
}

}  // namespace kinto_mirror::daemon
