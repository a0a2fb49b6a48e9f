#include "daemon/status/past.hpp"

#include <utility>

namespace kinto_mirror::daemon {

namespace {

void hold(std::optional<Instant>& since, bool so, Instant now) {
  if (!so) {
    since.reset();
  } else if (!since) {
    since = now;
  }
}

PastPass pass_of(const sync::CollectionReport& report, Instant now) {
  PastPass pass;
  pass.kind = report.kind;
  pass.state = report.state;
  pass.ended = now;
  pass.took = report.took;
  pass.master = report.master;
  pass.replica = report.replica;
  pass.written = report.written;
  pass.found = report.found;
  pass.quarantined = static_cast<std::int64_t>(report.quarantined.size()) + report.waiting;
  pass.error = report.error;
  return pass;
}

}  // namespace

void Past::add(const sync::CollectionReport& report, Instant now) {
  if (passes.size() >= max_passes) passes.erase(passes.begin());
  passes.push_back(pass_of(report, now));
  hold(trouble, report.state != sync::State::in_sync, now);
  hold(error, report.error.has_value(), now);
  hold(brake, report.brake.has_value(), now);
  if (report.error) return;  // what was found before is all that is known
  hold(missing, report.found.missing > 0, now);
  hold(differs, report.found.differs > 0, now);
  if (report.kind != sync::PassKind::follow) hold(extra, report.found.extra > 0, now);
  const std::map<std::string, Instant> before = std::exchange(named, {});
  for (const std::string& id : report.examples) {
    const auto known = before.find(id);
    named[id] = known == before.end() ? now : known->second;
  }
}

}  // namespace kinto_mirror::daemon
