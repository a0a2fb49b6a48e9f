#include "daemon/compare.hpp"

#include "daemon/caller.hpp"
#include "daemon/config_show.hpp"
#include "daemon/exit_code.hpp"
#include "daemon/log_observer.hpp"
#include "daemon/logging.hpp"
#include "daemon/report_json.hpp"
#include "daemon/report_text.hpp"
#include "daemon/secrets.hpp"
#include "daemon/status/tee_observer.hpp"
#include "daemon/version.hpp"

#include <algorithm>
#include <iostream>
#include <optional>
#include <utility>

namespace kinto_mirror::daemon {

namespace {

Task<void> once(sync::Engine& engine, sync::RunReport& report) {
  report = co_await engine.once();
}

// What may go away by itself is no verdict where the run was interrupted before it gave up.
ExitCode code_of(const sync::RunReport& report, bool interrupted) {
  if (report.in_sync()) return ExitCode::ok;
  const Error* error = report.worst_error();
  if (error == nullptr || (interrupted && is_transient(error->code))) return ExitCode::different;
  return exit_code_of(error->code);
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

}  // namespace

void tell_start(const Config& config, std::string_view what) {
  Fields fields = config_fields(config);
  fields.emplace(fields.begin(), "version", program_version());
  const sync::Shard& shard = config.sync.shard;
  const std::string share = shard.is_all() ? "" : "; shard " + shard.str() + " of what is in scope";
  log_event(Level::info, "daemon.start", std::string(what) + share, std::move(fields));
}

int tell(const Config& config, const sync::RunReport& report, const std::vector<Notice>& notices,
         bool interrupted) {
  log_errors(report);
  flush_log();
  const int code = to_int(code_of(report, interrupted));
  if (config.combined == "-") return code;
  SecretGuard guard;
  guard.add(secrets_of(config));
  std::cout << (config.json ? report_json(report, notices, guard, caller_of(config))
                            : guard.clean(report_text(report, caller_of(config))));
  return code;
}

int compare(const Config& config, Session& session, Combined* combined) {
  LogObserver log(session.clock(), config.sync.dry_run, caller_of(config));
  Notices notices;
  TeeObserver told(log, notices);
  std::optional<TeeObserver> named;
  if (combined != nullptr) named.emplace(told, *combined);
  sync::Engine engine = session.engine(config.sync, named ? *named : told);
  sync::RunReport report;
  // What SIGUSR1 asks for is under way; and nothing is left to be reloaded for.
  session.run(
      once(engine, report), [] {}, [] {});
  log.clear_progress();
  const bool interrupted = session.stop().requested();
  const bool all = std::ranges::none_of(
      report.replicas, [](const sync::ReplicaReport& one) { return one.error.has_value(); });
  if (combined != nullptr && all && !interrupted) combined->set_whole();
  return tell(config, report, notices.all(), interrupted);
}

}  // namespace kinto_mirror::daemon
