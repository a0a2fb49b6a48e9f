#include "daemon/status/board.hpp"

#include <algorithm>

namespace kinto_mirror::daemon {

namespace {

// What Kinto and the usual gateways before it answer.
constexpr std::array usual{200, 201, 204, 301, 302, 304, 307, 308, 400, 401, 403, 404, 405,
                           406, 409, 410, 412, 413, 414, 415, 429, 500, 502, 503, 504, 507};

// A follow pass compares a window. It tells of trouble and that trouble is over, but only an audit
// or a load can tell that the whole is in sync.
void conclude(PassNews& news, const sync::CollectionReport& report) {
  const bool in_sync = report.state == sync::State::in_sync;
  news.trouble = in_sync ? std::nullopt : std::optional(report.state);
  if (report.kind != sync::PassKind::follow) {
    if (report.state != sync::State::failed) news.whole = report.state;
    return;
  }
  // What was refused has been taken since; the rest was equal.
  if (in_sync && news.whole == sync::State::degraded) news.whole = sync::State::in_sync;
}

using Difference = sync::ContainerDifference;

// When each of the differences `now` has begun: those of `before` then have.
std::vector<Instant> began(const std::vector<Difference>& before, const std::vector<Instant>& then,
                           const std::vector<Difference>& differences, Instant now) {
  std::vector<Instant> out;
  for (const Difference& one : differences) {
    const auto known = std::ranges::find_if(before, [&one](const Difference& other) {
      return other.id == one.id && other.kind == one.kind;
    });
    const bool is_new = known == before.end();
    out.push_back(is_new ? now : then[static_cast<std::size_t>(known - before.begin())]);
  }
  return out;
}

void count_up(PassNews& news, const sync::CollectionReport& report) {
  news.written += report.written;
  news.found.missing = report.found.missing;
  news.found.differs = report.found.differs;
  if (report.kind == sync::PassKind::follow || report.error) return;
  news.master = report.master;
  news.replica = report.replica;
  news.found.extra = report.found.extra;
}

}  // namespace

std::string status_label(int status) {
  if (status == 0) return "none";
  if (std::ranges::binary_search(usual, status)) return std::to_string(status);
  if (status < 100 || status > 599) return "other";
  return std::to_string(status / 100) + "xx";
}

void Board::exchanged(const std::string& server, int status, Millis took) {
  Exchanges& exchanges = servers_[server];
  ++exchanges.by_status[status_label(status)];
  exchanges.durations.add(took);
  exchanges.last_status = status;
  exchanges.last_at = clock_.now();
}

// What it has written it tells when it is done.
void Board::containers_under_way(const std::string& replica, const sync::ContainersReport& report) {
  sync::ContainersReport now = report;
  now.written = {};
  containers_done(replica, now);
}

void Board::containers_done(const std::string& replica, const sync::ContainersReport& report) {
  ReplicaNews& news = replicas_[replica];
  std::optional<sync::ContainersReport>& known = news.containers;
  if (!known) known.emplace();
  known->state = report.state;
  known->error = report.error;
  known->written += report.written;
  if (report.error) return;  // what was found before is all that is known
  news.differing_since =
      began(known->differences, news.differing_since, report.differences, clock_.now());
  known->same = report.same;
  known->differences = report.differences;
}

void Board::pass_done(const std::string& replica, const sync::CollectionReport& report) {
  ReplicaCounters& all = replicas_[replica].counters;
  ++all.passes[{report.kind, report.state}];
  all.pass_durations[report.kind].add(report.took);
  all.written += report.written;
  PassNews& news = replicas_[replica].collections[report.id];
  news.kind = report.kind;
  news.ended = clock_.now();
  news.took = report.took;
  news.brake = report.brake;
  news.error = report.error;
  news.walk.reset();
  conclude(news, report);
  count_up(news, report);
  if (report.state == sync::State::in_sync) news.refusals.clear();
  replicas_[replica].pasts[report.id].add(report, news.ended);
}

void Board::progress(const std::string& replica, const CollectionId& id, std::int64_t done,
                     std::int64_t total) {
  std::optional<Walk>& walk = replicas_[replica].collections[id].walk;
  if (!walk) walk = Walk{0, 0, clock_.now()};
  walk->done = done;
  walk->total = total;
}

void Board::quarantined(const std::string& replica, const CollectionId& id,
                        const sync::Refusal& refusal) {
  std::vector<sync::Refusal>& held = replicas_[replica].collections[id].refusals;
  std::erase_if(held, [&](const sync::Refusal& other) { return other.id == refusal.id; });
  if (held.size() >= max_refusals) held.erase(held.begin());
  held.push_back(refusal);
}

void Board::round_failed(const std::string& replica, const Error& error, Millis /*next*/) {
  ReplicaNews& news = replicas_[replica];
  if (!news.error) news.failing_since = clock_.now();
  news.error = error;
  news.following = false;
  ++news.counters.failed_rounds;
}

void Board::round_worked(const std::string& replica, std::size_t /*collections*/) {
  ReplicaNews& news = replicas_[replica];
  news.error.reset();
  news.following = true;
}

}  // namespace kinto_mirror::daemon
