#pragma once
// Makes a dump of a scope.

#include "sync/decide/scope.hpp"
#include "sync/dump/dump_job.hpp"

#include <string>
#include <vector>

namespace kinto_mirror::sync::dump {

struct Dumped {
  Header header;
  std::vector<Section> sections;  // by id
  std::int64_t buckets = 0;       // deleted ones, which the master tells of, not counted
  std::int64_t groups = 0;
  std::int64_t collections = 0;
  Totals totals;
};

// All that is in `scope` (`patterns`, as they were given), written to job.output and finished
// there. A bucket whose collections the user may not list is left out and told, where no pattern
// names it; whatever else cannot be read whole is an error, and then there is no dump.
ResultTask<Dumped> make_dump(const Job& job, const Scope& scope, std::vector<std::string> patterns);

}  // namespace kinto_mirror::sync::dump
