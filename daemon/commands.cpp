#include "daemon/commands.hpp"

#include "daemon/config_show.hpp"
#include "daemon/exit_code.hpp"
#include "daemon/log_observer.hpp"
#include "daemon/logging.hpp"
#include "daemon/report_json.hpp"
#include "daemon/report_text.hpp"
#include "daemon/session.hpp"
#include "selftest/selftest.hpp"

#include <iostream>

namespace kinto_mirror::daemon {

namespace {

// A single run over a fault that lasts ends within two minutes: a request may be begun again for as
// long as the patience is, and each takes no longer than its deadlines.
constexpr Limits once_limits{Millis{15'000}, Millis{40'000}, Millis{40'000}};
// The daemon waits, and begins a new round, with a growing wait between them.
constexpr Limits follow_limits{Millis{5'000}, Millis{300'000}, Millis{120'000}};

void tell_start(const Config& config, std::string_view what) {
  Fields fields = config_fields(config);
  fields.emplace(fields.begin(), "version", KINTO_MIRROR_VERSION);
  log_event(Level::info, "daemon.start", std::string(what), std::move(fields));
}

Task<void> follow(sync::Engine& engine) {
  co_await engine.follow();
}

Task<void> once(sync::Engine& engine, sync::RunReport& report) {
  report = co_await engine.once();
}

ExitCode code_of(const sync::RunReport& report) {
  if (report.in_sync()) return ExitCode::ok;
  const Error* error = report.worst_error();
  return error == nullptr ? ExitCode::different : exit_code_of(error->code);
}

// The collections' own failures were logged when they happened.
void log_errors(const sync::RunReport& report) {
  for (const sync::ReplicaReport& replica : report.replicas) {
    if (!replica.error) continue;
    Fields fields;
    fields.emplace_back("replica", replica.name);
    fields.emplace_back("error", to_string(replica.error->code));
    log_event(Level::error, "run.failed", replica.error->message, std::move(fields));
  }
}

int compare(const Config& config, std::string_view what) {
  tell_start(config, what);
  Session session(config, once_limits);
  LogObserver observer(session.clock(), config.sync.dry_run);
  sync::Engine engine = session.engine(config.sync, observer);
  sync::RunReport report;
  session.run(once(engine, report), [] {});  // what SIGUSR1 asks for is under way
  observer.clear_progress();
  log_errors(report);
  std::cout << (config.json ? report_json(report) : report_text(report));
  return to_int(code_of(report));
}

selftest::Endpoint endpoint_of(const Server& server) {
  selftest::Endpoint endpoint;
  endpoint.name = server.name;
  endpoint.url = server.url;
  endpoint.authorization = server.authorization;
  endpoint.ca_file = server.ca_file;
  return endpoint;
}

}  // namespace

int run(const Config& config) {
  if (config.once) {
    return compare(config, config.sync.dry_run ? "dry run: compares and writes nothing"
                                               : "one pass over everything in scope");
  }
  tell_start(config, "starts");
  Session session(config, follow_limits);
  LogObserver observer(session.clock());
  sync::Engine engine = session.engine(config.sync, observer);
  session.run(follow(engine), [&engine] {
    log_event(Level::info, "daemon.audit", "comparing everything anew on SIGUSR1");
    engine.audit_all();
  });
  log_event(Level::info, "daemon.end", "ended");
  return to_int(ExitCode::ok);
}

int check(const Config& config) {
  Config comparing = config;
  comparing.sync.dry_run = true;
  return compare(comparing, "check: compares and writes nothing");
}

int selftest(const Config& config) {
  selftest::Settings settings;
  settings.master = endpoint_of(config.master);
  for (const Server& replica : config.replicas) settings.replicas.push_back(endpoint_of(replica));
  settings.seed = config.selftest.seed;
  settings.records = config.selftest.records.value_or(0);
  settings.filter = config.selftest.filter;
  settings.list = config.selftest.list;
  settings.junit = config.selftest.junit;
  settings.user_agent = user_agent();
  const auto summary = selftest::run(settings, std::cout);
  if (!summary) {
    std::cerr << "kinto-mirror: " << summary.error().message << "\n";
    return to_int(exit_code_of(summary.error().code));
  }
  const bool good = summary->failed == 0 && !summary->interrupted;
  return to_int(good ? ExitCode::ok : ExitCode::different);
}

}  // namespace kinto_mirror::daemon
