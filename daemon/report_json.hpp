#pragma once
// The machine-readable report. Its shape is a contract: nothing is added to it lightly.

#include "sync/decide/report.hpp"

#include <string>

namespace kinto_mirror::daemon {

// One line of JSON, with its line end.
std::string report_json(const sync::RunReport& report);

}  // namespace kinto_mirror::daemon
