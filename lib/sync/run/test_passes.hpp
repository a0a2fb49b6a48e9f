#pragma once
// Runs the passes and the rounds of this room between two Kintos of the model, for its tests.

#include "sync/keep/checkpoint_store.hpp"
#include "sync/run/audit.hpp"
#include "sync/run/follow.hpp"
#include "sync/run/replica_loop.hpp"
#include "sync/run/single_run.hpp"
#include "sync/test_sites.hpp"

#include <boost/asio/io_context.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace kinto_mirror::sync::test {

struct Passes : Sites {
  using Sites::Sites;

  AuditResult audit(const Before& before = {}) {
    return run<AuditResult>(
        [&before](const PassContext& with) { return sync::audit(with, the_collection, before); });
  }

  // The checkpoint that an audit of now gives; `state` goes on from there.
  Checkpoint begin() {
    const AuditResult result = audit();
    REQUIRE_FALSE(result.report.error);
    state = CollectionState();
    state.checkpoint = run<Checkpoint>([&result](const PassContext& with) -> Task<Checkpoint> {
      co_return checkpoint_of(with, result);
    });
    state.stored = state.checkpoint;
    state.newest = result.newest;
    for (const Change& change : result.recent) state.remembered.add(change);
    master.seen.clear();
    replica.seen.clear();
    return *state.checkpoint;
  }

  // A follow of `state`, which goes on from there where nothing breaks the chain.
  FollowResult follow() {
    FollowResult result = run<FollowResult>(
        [this](const PassContext& with) { return sync::follow(with, the_collection, state); });
    if (result.report.error || result.audit_because) return result;
    state.checkpoint->cursor = result.cursor;
    state.checkpoint->etag = result.etag;
    state.checkpoint->live = result.live;
    return result;
  }

  ReplicaReport run_once() {
    const auto checkpoints = checkpoints_on_replica(to_replica, from_master.config().url);
    return run<ReplicaReport>([&checkpoints](const PassContext& with) -> Task<ReplicaReport> {
      SingleRun once(with, *checkpoints);
      co_return co_await once.run();
    });
  }

  CollectionState state;
};

// The loop of one replica, which the test lets go on round by round.
class Rounds {
 public:
  explicit Rounds(Sites& sites)
      : sites_(sites),
        background_(io_.get_executor()),
        checkpoints_(checkpoints_on_replica(sites.to_replica, sites.from_master.config().url)),
        loop(sites.context(background_), *checkpoints_) {
    // The waits of the loop itself. All others, of servers, are over at once.
    sites.time.holds = [this](const Stop& stop) { return &stop != &sites_.stop; };
    boost::asio::co_spawn(io_, loop.run(), [this](std::exception_ptr error) {
      bug_ = std::move(error);
      ended_ = true;
    });
  }
  ~Rounds() {
    sites_.stop.request();
    while (!ended_ && io_.poll_one() > 0) continue;
    sites_.time.holds = nullptr;
  }
  Rounds(const Rounds&) = delete;
  Rounds& operator=(const Rounds&) = delete;

  // The time passes until the next round begins, and that is done.
  void next(int rounds = 1) {
    for (int i = 0; i < rounds; ++i) {
      sites_.time.pass(wait());
      sites_.time.wake();
      go_on();
    }
  }
  // As many as begin within this time.
  void within(Millis duration) {
    const Instant end = sites_.time.now() + duration;
    while (sites_.time.now() + wait() <= end) next();
  }
  // Whoever waits looks whether its time has come.
  void look_after(Millis duration) {
    sites_.time.pass(duration);
    sites_.time.wake();
    go_on();
  }
  // What was woken without its time having come.
  void go_on() {
    do {
      const bool ran = io_.poll_one() > 0;
      if (bug_) std::rethrow_exception(std::exchange(bug_, nullptr));
      if (ended_) return;
      REQUIRE(ran);
    } while (!waits());
  }

  // Until the next round.
  [[nodiscard]] Millis wait() const {
    return std::max(Millis{0}, loop.standing().next - sites_.time.now());
  }
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  [[nodiscard]] const CollectionState& of(const CollectionId& id = the_collection) const {
    return loop.standing().listed->at(id);
  }
  [[nodiscard]] Millis lag(const CollectionId& id = the_collection) const {
    return sync::lag(loop.standing(), of(id), sites_.time.now(),
                     patience_of(sites_.options.interval));
  }
  // What the last pass over the collection said; nothing: there was none since the last question.
  std::string last(const CollectionId& id = the_collection) {
    std::string out;
    for (const Told::Pass& pass : std::exchange(sites_.told.passes, {})) {
      if (pass.report.id == id) out = said(pass.report);
    }
    return out;
  }

 private:
  [[nodiscard]] bool waits() {
    if (!sites_.time.held()) return false;
    while (io_.poll_one() > 0) continue;  // who was woken has gone on
    return sites_.time.held();
  }

  Sites& sites_;
  boost::asio::io_context io_;
  TaskGroup background_;
  std::unique_ptr<CheckpointStore> checkpoints_;
  std::exception_ptr bug_;
  bool ended_ = false;

 public:
  ReplicaLoop loop;
};

}  // namespace kinto_mirror::sync::test
