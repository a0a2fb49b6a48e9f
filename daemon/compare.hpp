#pragma once
// A single run of the engine, with its report: `run --once`, `check` and `restore`.

#include "daemon/combined.hpp"
#include "daemon/config.hpp"
#include "daemon/notices.hpp"
#include "daemon/session.hpp"
#include "sync/decide/run_report.hpp"

#include <string_view>
#include <vector>

namespace kinto_mirror::daemon {

// A single run over a fault that lasts ends within two minutes: a request may be begun again for as
// long as the patience is, and each takes no longer than its deadlines.
inline constexpr Limits once_limits{Millis{15'000}, Millis{40'000}, Millis{40'000}};

// The first line of a command's log: `what` it does.
void tell_start(const Config& config, std::string_view what);

// Runs the engine once over the servers of `session`, and tells what came of it, as below.
// `combined`: who writes down each name; nullptr: nobody.
int compare(const Config& config, Session& session, Combined* combined = nullptr);

// Logs the failures of whole replicas, writes the report to stdout, unless that is for the names of
// what differs (Config::combined), and returns the exit code.
// `interrupted`: by a signal, before it gave up.
int tell(const Config& config, const sync::RunReport& report, const std::vector<Notice>& notices,
         bool interrupted);

}  // namespace kinto_mirror::daemon
