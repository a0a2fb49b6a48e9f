#pragma once
// The state of the daemon at one moment, as plain data: pages, the table and the metrics are made
// of it.

#include "daemon/status/board.hpp"
#include "daemon/status/states.hpp"
#include "sync/decide/standing.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kinto_mirror::daemon {

// Of a load or an audit that goes on.
struct WalkProgress {
  std::int64_t done = 0;   // records that are equal on the replica, written or refused
  std::int64_t total = 0;  // about as many as there are, never fewer
  std::int64_t per_second = 0;
  std::optional<Millis> left;  // nothing: that cannot be told yet
};

// Of the one collection that somebody asked for.
struct CollectionDetail {
  Past past;
  std::vector<sync::Quarantine::Held> quarantine;  // by id
};

struct CollectionStatus {
  std::string id;  // "bucket/collection"
  sync::State state = sync::State::waiting;
  std::optional<Millis> lag;  // nothing: the master does not list it any more
  std::int64_t master = 0;    // live records
  std::int64_t replica = 0;
  PassNews news;  // of its passes; `ended` is only good where last_pass_ago is given
  std::int64_t quarantined = 0;
  bool braked = false;
  std::optional<Stamp> cursor;
  std::optional<Stamp> etag;     // the master's, when the cursor was taken
  std::optional<Stamp> audited;  // the master's clock at the last audit
  std::optional<WalkProgress> progress;
  std::optional<Millis> last_pass_ago;
  std::optional<Millis> next_pass;  // from now; nothing: none is planned
  std::optional<Millis> next_audit;
  int failures = 0;  // in a row
  std::optional<CollectionDetail> detail;
};

struct ServerStatus {
  std::string name;
  std::string url;
  ServerState state = ServerState::unknown;
  Exchanges exchanges;
};

struct ReplicaStatus {
  ServerStatus server;
  ReplicaState state = ReplicaState::starting;
  bool in_sync = false;
  Millis lag{};                      // the longest of its collections
  std::optional<Millis> next_round;  // from now; nothing: one is under way
  std::optional<Error> error;        // of the last round; nothing: it worked
  Millis failing_for{};
  ReplicaCounters counters;
  std::vector<CollectionStatus> collections;  // by id
  std::size_t elsewhere = 0;                  // collections in scope that other shards have
  sync::ContainersReport containers;          // what was written since the daemon started
  std::vector<Millis> differing_for;          // each of containers.differences
};

struct WebhookStatus {
  Deliveries deliveries;
  std::optional<Stamp> last_delivered;
  Millis failing_for{};
};

struct Snapshot {
  std::string version;
  Instant at{};
  Stamp now;      // the machine's clock
  Stamp started;  // likewise
  bool in_sync = false;
  sync::Shard shard;
  sync::Extras extras = sync::Extras::keep;  // what becomes of them
  ServerStatus master;
  std::vector<ReplicaStatus> replicas;
  std::optional<WebhookStatus> webhook;  // nothing: there is none
};

// What is known of the servers beside their state.
struct ServerName {
  std::string name;
  std::string url;
};

// Pure. `standings` are of the replicas that are followed, in any order.
struct SnapshotInput {
  std::string version;
  sync::Shard shard;
  sync::Extras extras = sync::Extras::keep;
  ServerName master;
  std::vector<ServerName> replicas;
  Instant now{};
  Stamp wall;
  Millis interval{};
  // Given: the snapshot is of this collection alone, and of the containers that it is or is in,
  // with all that is known of it.
  std::optional<CollectionId> only;
};
Snapshot take_snapshot(const SnapshotInput& input, const Board& board,
                       const std::vector<sync::Standing>& standings);

}  // namespace kinto_mirror::daemon
