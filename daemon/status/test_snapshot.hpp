#pragma once
// Snapshots for tests: what pages are made of, without an engine.

#include "daemon/status/snapshot.hpp"

#include <string>

namespace kinto_mirror::daemon {

inline CollectionStatus collection_status(std::string id) {
  CollectionStatus out;
  out.id = std::move(id);
  out.state = sync::State::in_sync;
  out.lag = Millis{0};
  out.master = 5;
  out.replica = 7;
  out.news.kind = sync::PassKind::audit;
  out.news.took = Millis{12};
  out.news.found.extra = 2;
  out.news.written.created = 5;
  out.cursor = Stamp{1'700'000'000'000};
  out.etag = Stamp{1'700'000'060'000};
  out.audited = Stamp{1'700'000'061'000};
  out.last_pass_ago = Millis{3'200};
  out.next_pass = Millis{1'800};
  out.next_audit = Millis{3'600'000};
  return out;
}

inline Snapshot snapshot_with(std::vector<CollectionStatus> collections) {
  Snapshot out;
  out.version = "1.2.3";
  out.started = Stamp{1'700'000'000'000};
  out.now = Stamp{1'700'000'090'000};
  out.in_sync = true;
  out.master.name = "master";
  out.master.url = "https://master/v1";
  out.master.state = ServerState::ok;
  out.master.exchanges.by_status["200"] = 12;
  out.master.exchanges.durations.add(Millis{7});
  ReplicaStatus replica;
  replica.server.name = "replica";
  replica.server.url = "https://replica/v1";
  replica.server.state = ServerState::ok;
  replica.state = ReplicaState::following;
  replica.in_sync = true;
  replica.next_round = Millis{1'800};
  replica.counters.written.created = 5;
  replica.collections = std::move(collections);
  replica.containers.same = 3;
  replica.containers.written.updated = 2;
  out.replicas.push_back(std::move(replica));
  return out;
}

inline Snapshot with_many(std::size_t count) {
  std::vector<CollectionStatus> collections;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string number = std::to_string(100'000 + i);
    collections.push_back(collection_status("some-bucket/collection-number-" + number));
  }
  return snapshot_with(std::move(collections));
}

}  // namespace kinto_mirror::daemon
