#pragma once
// The report for people.

#include "sync/decide/options.hpp"
#include "sync/decide/run_report.hpp"

#include <string>
#include <string_view>

namespace kinto_mirror::daemon {

// `given`: what given_flags() tells of the command line, for the commands that it advises.
std::string report_text(const sync::RunReport& report, std::string_view given = {});

// "12 created, 3 updated, 1 deleted", or "nothing written".
std::string written_text(const sync::CollectionReport& collection);

// Why a collection is not in sync, and what to do about it; empty where it is.
std::string reason_text(const sync::CollectionReport& collection, std::string_view given = {});

}  // namespace kinto_mirror::daemon
