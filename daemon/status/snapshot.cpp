#include "daemon/status/snapshot.hpp"

#include <algorithm>
#include <set>

namespace kinto_mirror::daemon {

namespace {

using sync::State;

ServerState state_of(const Exchanges& exchanges) noexcept {
  if (!exchanges.last_at) return ServerState::unknown;
  const int status = exchanges.last_status;
  if (status == 0) return ServerState::unreachable;
  if (status == 401) return ServerState::refused;
  return status == 429 || status >= 500 ? ServerState::failing : ServerState::ok;
}

ServerStatus server_status(const ServerName& server, const Board& board) {
  ServerStatus out;
  out.name = server.name;
  out.url = server.url;
  const auto known = board.servers().find(server.name);
  if (known != board.servers().end()) out.exchanges = known->second;
  out.state = state_of(out.exchanges);
  return out;
}

std::optional<Millis> from_now(Instant then, Instant now) {
  return std::max(Millis{0}, then - now);
}

// "b/c" of "b/collections/c"; nothing of a bucket and a group.
std::string collection_of(std::string_view container) {
  constexpr std::string_view between = "/collections/";
  const std::size_t at = container.find(between);
  if (at == std::string_view::npos) return "";
  return std::string(container.substr(0, at)) + "/" +
         std::string(container.substr(at + between.size()));
}

// Of a pass that shows its progress; the rate is that of the whole pass.
std::optional<WalkProgress> progress_of(const PassNews& news, Instant now) {
  if (!news.walk) return std::nullopt;
  const Walk& walk = *news.walk;
  WalkProgress out;
  out.done = walk.done;
  out.total = std::max(walk.total, walk.done);
  const std::int64_t ms = std::max<std::int64_t>(1, (now - walk.begun).count());
  out.per_second = walk.done * 1'000 / ms;
  if (out.per_second > 0) out.left = Millis{(out.total - out.done) * 1'000 / out.per_second};
  return out;
}

class ReplicaView {
 public:
  ReplicaView(const SnapshotInput& input, const ReplicaNews* news, const sync::Standing& standing)
      : input_(input),
        news_(news),
        standing_(standing),
        next_(standing.round == standing.looked ? standing.next : input.now) {}

  void fill(ReplicaStatus& out) const {
    for (const auto& [id, state] : *standing_.listed) {
      if (left_out(id)) continue;
      CollectionStatus one = known(id, state);
      one.lag = sync::lag(standing_, state, input_.now, sync::patience_of(input_.interval));
      out.lag = std::max(out.lag, *one.lag);
      if (*one.lag > Millis{0} && one.state == State::in_sync) one.state = State::behind;
      if (state.paused) one.state = State::paused;
      plan(one, state);
      out.collections.push_back(std::move(one));
    }
    for (const auto& [id, state] : *standing_.unlisted) {
      if (left_out(id)) continue;
      CollectionStatus one = known(id, state);
      one.state = State::not_shown;
      one.braked = false;  // no audit will let it go, and nothing of it is deleted anyway
      one.news.brake.reset();
      out.collections.push_back(std::move(one));
    }
    // Where not even the collections are known, nothing is known of the replica.
    if (standing_.listed->empty() && out.state != ReplicaState::following) {
      out.lag = input_.now - std::max(standing_.begun, standing_.looked);
    }
    std::erase_if(out.collections, [stay = undeleted()](const CollectionStatus& one) {
      return one.state == State::not_shown && stay.contains(one.id);
    });
    std::ranges::sort(out.collections, {}, &CollectionStatus::id);
    out.elsewhere = standing_.elsewhere;
    if (next_ > input_.now) out.next_round = next_ - input_.now;
  }

 private:
  [[nodiscard]] bool left_out(const CollectionId& id) const {
    return input_.only && id != *input_.only;
  }

  // Collections that the master deleted on purpose and that must stay: the containers tell that,
  // with the reason.
  [[nodiscard]] std::set<std::string> undeleted() const {
    std::set<std::string> ids;
    if (news_ == nullptr || !news_->containers) return ids;
    for (const sync::ContainerDifference& one : news_->containers->differences) {
      if (one.kind != sync::ContainerDifference::Kind::undeleted) continue;
      ids.insert(collection_of(one.id));
    }
    return ids;
  }

  // All but lag and plans.
  [[nodiscard]] CollectionStatus known(const CollectionId& id,
                                       const sync::CollectionState& state) const {
    CollectionStatus out;
    out.id = id.str();
    if (news_ != nullptr) {
      const auto news = news_->collections.find(id);
      if (news != news_->collections.end()) out.news = news->second;
    }
    if (out.news.ended != Instant{}) out.last_pass_ago = input_.now - out.news.ended;
    out.progress = progress_of(out.news, input_.now);
    if (state.checkpoint) {
      out.cursor = state.checkpoint->cursor;
      out.etag = state.checkpoint->etag;
      out.audited = state.checkpoint->audited;
    }
    out.master = state.checkpoint ? state.checkpoint->live : out.news.master;
    out.replica = state.replica.live.value_or(out.news.replica);
    out.quarantined = static_cast<std::int64_t>(state.quarantine.size());
    out.braked = out.news.brake.has_value() || (state.stored && state.stored->braked);
    out.failures = state.failures;
    std::erase_if(out.news.refusals, [&state](const sync::Refusal& refusal) {
      return !state.quarantine.holds(refusal.id);
    });
    // Followed from a checkpoint, and not compared since the daemon started or the chain of looks
    // broke.
    const State unseen = state.checkpoint ? State::not_compared : State::waiting;
    out.state = out.news.state().value_or(unseen);
    if (!sync::is_proven(state.chain) && out.state == State::in_sync)
      out.state = State::not_compared;
    if (input_.only) out.detail = detail(id, state);
    return out;
  }

  [[nodiscard]] CollectionDetail detail(const CollectionId& id,
                                        const sync::CollectionState& state) const {
    CollectionDetail out;
    out.quarantine = state.quarantine.all();
    if (news_ == nullptr) return out;
    const auto past = news_->pasts.find(id);
    if (past != news_->pasts.end()) out.past = past->second;
    return out;
  }

  void plan(CollectionStatus& out, const sync::CollectionState& state) const {
    out.next_pass = from_now(std::max(next_, state.not_before), input_.now);
    const Instant audit = state.checkpoint ? state.audit_at : next_;
    out.next_audit = from_now(std::max({audit, state.not_before, next_}), input_.now);
  }

  const SnapshotInput& input_;
  const ReplicaNews* news_;
  const sync::Standing& standing_;
  Instant next_;  // when the next round begins; now, where one is under way
};

bool is_in_sync(const CollectionStatus& collection) {
  return collection.state == State::in_sync;
}

// Whether a container's difference is told in a snapshot that may be of one collection alone.
bool concerns(const std::optional<CollectionId>& only, const std::string& container) {
  return !only || container == only->bucket ||
         container == only->bucket + "/collections/" + only->collection;
}

void take_containers(ReplicaStatus& out, const SnapshotInput& input, const ReplicaNews& news) {
  if (!news.containers) return;
  out.containers = *news.containers;
  out.containers.differences.clear();
  for (std::size_t i = 0; i < news.containers->differences.size(); ++i) {
    const sync::ContainerDifference& one = news.containers->differences[i];
    if (!concerns(input.only, one.id)) continue;
    out.containers.differences.push_back(one);
    out.differing_for.push_back(input.now - news.differing_since[i]);
  }
}

ReplicaStatus replica_status(const ServerName& server, const SnapshotInput& input,
                             const Board& board, const std::vector<sync::Standing>& standings) {
  ReplicaStatus out;
  out.server = server_status(server, board);
  out.containers.state = State::waiting;
  const auto known = board.replicas().find(server.name);
  const ReplicaNews* news = known == board.replicas().end() ? nullptr : &known->second;
  if (news != nullptr) {
    out.counters = news->counters;
    take_containers(out, input, *news);
    if (news->following) out.state = ReplicaState::following;
    if (news->error) {
      out.state = ReplicaState::failing;
      out.error = news->error;
      out.failing_for = input.now - news->failing_since;
    }
  }
  const auto standing = std::ranges::find(standings, server.name, &sync::Standing::replica);
  if (standing != standings.end()) ReplicaView(input, news, *standing).fill(out);
  // A shard may have none.
  const bool something = !out.collections.empty() || out.containers.same > 0 || out.elsewhere > 0;
  out.in_sync = out.state == ReplicaState::following && something &&
                std::ranges::all_of(out.collections, is_in_sync) &&
                out.containers.state == State::in_sync;
  return out;
}

std::optional<WebhookStatus> webhook_status(const SnapshotInput& input, const Board& board) {
  const std::optional<Deliveries>& known = board.deliveries();
  if (!known) return std::nullopt;
  WebhookStatus out;
  out.deliveries = *known;
  if (known->last_delivered) {
    out.last_delivered = Stamp{input.wall.ms - (input.now - *known->last_delivered).count()};
  }
  if (known->error) out.failing_for = input.now - known->failing_since;
  return out;
}

}  // namespace

Snapshot take_snapshot(const SnapshotInput& input, const Board& board,
                       const std::vector<sync::Standing>& standings) {
  Snapshot out;
  out.version = input.version;
  out.shard = input.shard;
  out.extras = input.extras;
  out.at = input.now;
  out.now = input.wall;
  out.started = Stamp{input.wall.ms - (input.now - board.started()).count()};
  out.master = server_status(input.master, board);
  for (const ServerName& replica : input.replicas) {
    out.replicas.push_back(replica_status(replica, input, board, standings));
  }
  out.webhook = webhook_status(input, board);
  out.in_sync = !out.replicas.empty() && std::ranges::all_of(out.replicas, &ReplicaStatus::in_sync);
  return out;
}

}  // namespace kinto_mirror::daemon
