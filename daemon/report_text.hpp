#pragma once
// The report for people.

#include "sync/options.hpp"
#include "sync/report.hpp"

#include <string>

namespace kinto_mirror::daemon {

std::string report_text(const sync::RunReport& report);

// "12 created, 3 updated, 1 deleted", or "nothing written".
std::string written_text(const sync::CollectionReport& collection);

// Why a collection is not in sync, and what to do about it; empty where it is.
std::string reason_text(const sync::CollectionReport& collection);

}  // namespace kinto_mirror::daemon
