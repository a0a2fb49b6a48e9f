#include "daemon/status/history.hpp"

#include <boost/json.hpp>

#include <utility>

namespace kinto_mirror::daemon {

namespace json = boost::json;

History::Server History::server(const ServerStatus& status, Millis lag, std::int64_t written) {
  Totals now{written, 0};
  for (const auto& [answer, count] : status.exchanges.by_status) {
    now.requests += static_cast<std::int64_t>(count);
  }
  const Totals before = std::exchange(totals_[status.name], now);
  Server out;
  out.name = status.name;
  out.lag = (lag.count() + 999) / 1000;
  out.written = now.written - before.written;
  out.requests = now.requests - before.requests;
  return out;
}

void History::add(const Snapshot& snapshot) {
  if (samples_.size() >= max_samples) samples_.pop_front();
  Sample sample;
  sample.at = snapshot.now;
  sample.servers.push_back(server(snapshot.master, Millis{0}, 0));
  for (const ReplicaStatus& replica : snapshot.replicas) {
    sample.servers.push_back(server(replica.server, replica.lag, replica.counters.written.all()));
  }
  samples_.push_back(std::move(sample));
}

std::string History::json(Stamp now) const {
  const auto series = [this](std::size_t index, std::int64_t Server::*what) {
    json::array out;
    for (const Sample& sample : samples_) out.emplace_back(sample.servers[index].*what);
    return out;
  };
  json::array at;
  for (const Sample& sample : samples_) at.emplace_back(sample.at.ms);
  json::object master;
  json::array replicas;
  const std::size_t servers = samples_.empty() ? 0 : samples_.front().servers.size();
  for (std::size_t i = 0; i < servers; ++i) {
    json::object one;
    one["name"] = samples_.front().servers[i].name;
    one["requests"] = series(i, &Server::requests);
    if (i == 0) {
      master = std::move(one);
      continue;
    }
    one["lag"] = series(i, &Server::lag);
    one["written"] = series(i, &Server::written);
    replicas.push_back(std::move(one));
  }
  json::object out;
  out["now"] = now.ms;
  out["at"] = std::move(at);
  out["master"] = std::move(master);
  out["replicas"] = std::move(replicas);
  return json::serialize(out) + "\n";
}

}  // namespace kinto_mirror::daemon
