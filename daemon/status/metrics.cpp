#include "daemon/status/metrics.hpp"

#include "daemon/status/metric_family.hpp"
#include "daemon/text.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <prometheus/text_serializer.h>
#include <type_traits>
#include <utility>

namespace kinto_mirror::daemon {

namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

// What a pass may end with.
constexpr std::array states{sync::State::in_sync,     sync::State::different, sync::State::degraded,
                            sync::State::brake,       sync::State::not_shown, sync::State::failed,
                            sync::State::not_compared};
constexpr std::array kinds{sync::PassKind::load, sync::PassKind::audit, sync::PassKind::follow};

using Difference = sync::ContainerDifference;
constexpr std::array differences{Difference::Kind::missing,
                                 Difference::Kind::data,
                                 Difference::Kind::permissions,
                                 Difference::Kind::undeleted,
                                 Difference::Kind::extra,
                                 Difference::Kind::quarantined,
                                 Difference::Kind::unknown_permissions};
constexpr std::array container_states{sync::State::waiting, sync::State::in_sync,
                                      sync::State::different, sync::State::degraded,
                                      sync::State::failed};

std::string name_of(sync::State state) {
  return std::string(sync::to_string(state));
}
std::string name_of(sync::PassKind kind) {
  return std::string(sync::to_string(kind));
}

// Zero where nothing was counted yet.
template <class Key, class Value>
Value of_key(const std::map<Key, Value>& counted, const std::type_identity_t<Key>& key) {
  const auto found = counted.find(key);
  return found == counted.end() ? Value{} : found->second;
}

double seconds(Millis time) {
  return static_cast<double>(time.count()) / 1000;
}

Label of(const ReplicaStatus& replica) {
  return {"replica", replica.server.name};
}

class Writer {
 public:
  explicit Writer(const Snapshot& snapshot) : snapshot_(snapshot) {}

  std::vector<MetricFamily> write(std::string_view commit) {
    about(commit);
    servers();
    replicas();
    passes();
    count_states();
    walks();
    containers();
    webhook();
    return std::move(families_);
  }

 private:
  void put(Family&& family) { families_.push_back(std::move(family).take()); }

  [[nodiscard]] std::vector<const ServerStatus*> all_servers() const {
    std::vector<const ServerStatus*> all{&snapshot_.master};
    for (const ReplicaStatus& replica : snapshot_.replicas) all.push_back(&replica.server);
    return all;
  }

  void about(std::string_view commit) {
    Family build("build_info", "The running version; the value is always 1.", MetricType::Gauge);
    build.add({{"version", snapshot_.version}, {"commit", to_valid_utf8(commit)}}, 1);
    put(std::move(build));
    const sync::Shard& shard = snapshot_.shard;
    Family of("shard", "Which share of the collections is this daemon's; the value is always 1.",
              MetricType::Gauge);
    of.add({{"shard", std::to_string(shard.index)}, {"shards", std::to_string(shard.count)}}, 1);
    put(std::move(of));
    Family shards("shards", "How many daemons share the collections.", MetricType::Gauge);
    shards.add({}, shard.count);
    put(std::move(shards));
    Family start("start_time_seconds", "When the daemon started, since 1970.", MetricType::Gauge);
    start.add({}, static_cast<double>(snapshot_.started.ms) / 1000);
    put(std::move(start));
    Family in_sync("in_sync", "1 when all of all replicas is in sync, without lag.",
                   MetricType::Gauge);
    in_sync.add({}, snapshot_.in_sync ? 1 : 0);
    put(std::move(in_sync));
  }

  void servers() {
    Family up("server_up", "1 when the last request to the server was answered well enough.",
              MetricType::Gauge);
    Family requests("requests_total", "Requests to a server, by the status of the answer.",
                    MetricType::Counter);
    Family durations("request_duration_seconds", "How long requests to a server took.",
                     MetricType::Histogram);
    for (const ServerStatus* server : all_servers()) {
      const Label label{"server", server->name};
      up.add({label}, server->state == ServerState::ok ? 1 : 0);
      for (const auto& [status, count] : server->exchanges.by_status) {
        requests.add({label, {"status", status}}, count);
      }
      durations.add({label}, server->exchanges.durations);
    }
    put(std::move(up));
    put(std::move(requests));
    put(std::move(durations));
  }

  void replicas() {
    Family following("following", "1 while rounds over the replica's collections work.",
                     MetricType::Gauge);
    Family failed("failed_rounds_total", "Rounds in which nothing of a replica could be visited.",
                  MetricType::Counter);
    Family applied("records_applied_total", "Records written to a replica, by operation.",
                   MetricType::Counter);
    Family lag("replica_lag_seconds", "The longest lag of a replica's collections.",
               MetricType::Gauge);
    for (const ReplicaStatus& replica : snapshot_.replicas) {
      following.add({of(replica)}, replica.state == ReplicaState::following ? 1 : 0);
      failed.add({of(replica)}, replica.counters.failed_rounds);
      applied.add({of(replica), {"operation", "create"}}, replica.counters.written.created);
      applied.add({of(replica), {"operation", "update"}}, replica.counters.written.updated);
      applied.add({of(replica), {"operation", "delete"}}, replica.counters.written.deleted);
      lag.add({of(replica)}, seconds(replica.lag));
    }
    put(std::move(following));
    put(std::move(failed));
    put(std::move(applied));
    put(std::move(lag));
  }

  void passes() {
    Family total("passes_total", "Passes over a collection, by kind and what they concluded.",
                 MetricType::Counter);
    Family durations("pass_duration_seconds", "How long passes over a collection took.",
                     MetricType::Histogram);
    for (const ReplicaStatus& replica : snapshot_.replicas) {
      for (const sync::PassKind kind : kinds) {
        for (const sync::State state : states) {
          total.add({of(replica), {"kind", name_of(kind)}, {"state", name_of(state)}},
                    of_key(replica.counters.passes, {kind, state}));
        }
        durations.add({of(replica), {"kind", name_of(kind)}},
                      of_key(replica.counters.pass_durations, kind));
      }
    }
    put(std::move(total));
    put(std::move(durations));
  }

  void count_states() {
    Family family("collections", "Collections of a replica, by state.", MetricType::Gauge);
    for (const ReplicaStatus& replica : snapshot_.replicas) {
      std::vector<sync::State> all{sync::State::waiting, sync::State::behind, sync::State::paused};
      all.insert(all.end(), states.begin(), states.end());
      for (const sync::State state : all) {
        const auto count = std::ranges::count(replica.collections, state, &CollectionStatus::state);
        family.add({of(replica), {"state", name_of(state)}}, count);
      }
    }
    put(std::move(family));
  }

  // Of those that are under way, of which there are never many.
  void walks() {
    Family done("walk_done_records", "Records that the load or audit under way has walked.",
                MetricType::Gauge);
    Family all("walk_all_records", "Records that the load or audit under way has to walk, about.",
               MetricType::Gauge);
    for (const ReplicaStatus& replica : snapshot_.replicas) {
      for (const CollectionStatus& one : replica.collections) {
        if (!one.progress) continue;
        const Label id{"collection", to_valid_utf8(one.id)};
        done.add({of(replica), id}, one.progress->done);
        all.add({of(replica), id}, one.progress->total);
      }
    }
    put(std::move(done));
    put(std::move(all));
  }

  void containers() {
    Family family("containers", "Buckets, groups and collections, by what sets them apart.",
                  MetricType::Gauge);
    Family state("containers_state", "1 for the state that a replica's containers are in, else 0.",
                 MetricType::Gauge);
    Family applied("containers_applied_total", "Containers written to a replica, by operation.",
                   MetricType::Counter);
    for (const ReplicaStatus& replica : snapshot_.replicas) {
      const sync::ContainersReport& known = replica.containers;
      family.add({of(replica), {"kind", "same"}}, known.same);
      for (const Difference::Kind kind : differences) {
        const auto count = std::ranges::count(known.differences, kind, &Difference::kind);
        family.add({of(replica), {"kind", std::string(sync::to_string(kind))}}, count);
      }
      for (const sync::State one : container_states) {
        state.add({of(replica), {"state", name_of(one)}}, one == known.state ? 1 : 0);
      }
      applied.add({of(replica), {"operation", "create"}}, known.written.created);
      applied.add({of(replica), {"operation", "update"}}, known.written.updated);
      applied.add({of(replica), {"operation", "delete"}}, known.written.deleted);
    }
    put(std::move(family));
    put(std::move(state));
    put(std::move(applied));
  }

  // Only where there is one.
  void webhook() {
    if (!snapshot_.webhook) return;
    const Deliveries& told = snapshot_.webhook->deliveries;
    Family family(
        "webhook_deliveries_total",
        "Messages to the webhook, by what became of them; retried: calls that failed, and "
        "were made again.",
        MetricType::Counter);
    family.add({{"outcome", "delivered"}}, told.delivered);
    family.add({{"outcome", "retried"}}, told.retried);
    family.add({{"outcome", "given-up"}}, told.given_up);
    put(std::move(family));
    Family failing("webhook_failing", "1 when the last call of the webhook failed.",
                   MetricType::Gauge);
    failing.add({}, told.error ? 1 : 0);
    put(std::move(failing));
    const auto& last = snapshot_.webhook->last_delivered;
    if (!last) return;
    Family success("webhook_last_delivery_time_seconds",
                   "When the webhook last took a message, since 1970.", MetricType::Gauge);
    success.add({}, static_cast<double>(last->ms) / 1000);
    put(std::move(success));
  }

  const Snapshot& snapshot_;
  std::vector<MetricFamily> families_;
};

// Families with a series for each of the first collections, and one for all the others.
class CollectionGauges {
 public:
  explicit CollectionGauges(const Snapshot& snapshot) : snapshot_(snapshot) {}

  void write(std::vector<MetricFamily>& out) const {
    out.push_back(family(
        "lag_seconds",
        "Time since the replica was last known to hold all that the master had; 0 while it does, "
        "and where the master lists the collection no more.",
        Rest::longest,
        [](const CollectionStatus& one) { return seconds(one.lag.value_or(Millis{0})); }));
    out.push_back(family("quarantined_records", "Records that the replica refuses.", Rest::sum,
                         [](const CollectionStatus& one) { return one.quarantined; }));
    out.push_back(family("brake_engaged", "1 while deletes wait for an operator.", Rest::sum,
                         [](const CollectionStatus& one) { return one.braked ? 1 : 0; }));
    out.push_back(family("master_records", "Live records that the master has.", Rest::sum,
                         [](const CollectionStatus& one) { return one.master; }));
    out.push_back(family("replica_records", "Live records that the replica has.", Rest::sum,
                         [](const CollectionStatus& one) { return one.replica; }));
  }

 private:
  enum class Rest { sum, longest };

  template <class Value>
  MetricFamily family(const char* name, const char* help, Rest kind, Value value) const {
    Family out(name, help, MetricType::Gauge);
    for (const ReplicaStatus& replica : snapshot_.replicas) {
      const auto& collections = replica.collections;
      double rest = 0;
      for (std::size_t i = 0; i < collections.size(); ++i) {
        const auto one = static_cast<double>(value(collections[i]));
        if (i < max_collections) {
          out.add({of(replica), {"collection", to_valid_utf8(collections[i].id)}}, one);
        } else {
          rest = kind == Rest::longest ? std::max(rest, one) : rest + one;
        }
      }
      if (collections.size() > max_collections) {
        out.add({of(replica), {"collection", "other"}}, rest);
      }
    }
    return std::move(out).take();
  }

  const Snapshot& snapshot_;
};

}  // namespace

std::string metrics_text(const Snapshot& snapshot, std::string_view commit) {
  std::vector<MetricFamily> families = Writer(snapshot).write(commit);
  CollectionGauges(snapshot).write(families);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace kinto_mirror::daemon
