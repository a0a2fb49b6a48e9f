#pragma once
// The report for people.

#include "daemon/caller.hpp"
#include "sync/decide/options.hpp"
#include "sync/decide/run_report.hpp"

#include <string>

namespace kinto_mirror::daemon {

std::string report_text(const sync::RunReport& report, const Caller& caller = {});

// "12 created, 3 updated, 1 deleted", or "nothing written".
std::string written_text(const sync::CollectionReport& collection);

// Why a collection is not in sync, and what to do about it; empty where it is.
std::string reason_text(const sync::CollectionReport& collection, const Caller& caller = {});

}  // namespace kinto_mirror::daemon
