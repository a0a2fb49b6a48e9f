#pragma once
// Six weeks of a master like Remote Settings': collections whose signatures are renewed each day,
// though their records rest most of the time, and a daemon that follows with its defaults.

#include <cstdint>
#include <optional>
#include <string>

namespace kinto_mirror::simulate {

struct Renewals {
  std::optional<std::string> failure;
  std::int64_t renewals = 0;  // of signatures alone
  std::int64_t changes = 0;   // of records, each with its signature
  std::int64_t rounds = 0;
  std::int64_t requests = 0;
  double per_round = 0;    // requests at rest
  double per_audit = 0;    // more than that, in an hour in which all is compared
  double per_renewal = 0;  // more than that
};

Renewals simulate_renewals(bool trace);

}  // namespace kinto_mirror::simulate
