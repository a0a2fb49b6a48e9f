#pragma once
// The machine-readable report. Its shape is a contract: nothing is added to it lightly, and what
// says why is there only where there is something to say.

#include "daemon/caller.hpp"
#include "daemon/notices.hpp"
#include "daemon/secrets.hpp"
#include "sync/decide/run_report.hpp"

#include <string>
#include <vector>

namespace kinto_mirror::daemon {

// One line of JSON, with its line end. `guard` cuts secrets out of what servers said.
std::string report_json(const sync::RunReport& report, const std::vector<Notice>& notices = {},
                        const SecretGuard& guard = {}, const Caller& caller = {});

}  // namespace kinto_mirror::daemon
