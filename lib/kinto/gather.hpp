#pragma once
// Small requests that different visits want of one server at the same time share one batch: reads
// with reads, writes with writes.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/task.hpp"
#include "kinto/batch.hpp"
#include "kinto/gathered.hpp"
#include "kinto/reply.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace kinto_mirror::kinto {

// Clocks itself, as a group commit does: what comes while no request is under way goes at once;
// what comes meanwhile waits for its end, and goes together. It does not wait for long: a batch
// that is full goes, and so does what has waited for `hold`, since what is under way may hang.
// Where others are expected, it goes at the strokes of a beat, a full batch too, since several may
// want the same. Reads of the same are one part.
//
// It knows no patience and no repetition: what is not answered (see Seat::reply) is sent by itself,
// and who asks again may share again. So a write may be sent twice, as one is whose answer is lost.
class Gatherer {
  struct Wanted;

 public:
  // `hold` 0: each request goes by itself.
  Gatherer(Clock& clock, Millis hold, Millis linger, Shared kind) noexcept
      : clock_(clock), hold_(hold), linger_(linger), kind_(kind) {}

  // Of one batch.
  struct Most {
    std::size_t parts = 1;
    std::size_t bytes = 0;
  };
  void set_most(Most most) noexcept { most_ = most; }

  // Whether a request of these parts may share at all.
  [[nodiscard]] bool takes(const std::vector<Subrequest>& parts) const;
  // Whatever has failed together before.
  void begin_anew() noexcept { apart_until_ = {}; }

  // The place of one request, from when it is wanted until it is answered.
  //   Seat seat(...); co_await seat.wait();
  //   if (seat.leads()) { auto all = seat.collect(); ... seat.hand_out(reply); }
  //   if (seat.reply()) ... else: send it by itself, while the seat is held
  class Seat {
   public:
    // `plain`: its one part stands for a request that is no batch. REQUIRES: takes(parts); the
    // gatherer outlives it.
    Seat(Gatherer& gatherer, const std::vector<Subrequest>& parts, bool plain);
    ~Seat();
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;

    // Returns when its turn has come, or that of somebody who took it along.
    Task<void> wait();
    // It is the one that sends.
    [[nodiscard]] bool leads() const noexcept;
    // The parts of all that go now, its own among them; its own only where nobody else waits.
    // REQUIRES: leads(); called once.
    std::vector<Subrequest> collect();
    // Others go along. REQUIRES: collect() was called.
    [[nodiscard]] bool has_company() const noexcept { return taken_.size() > 1; }
    // What became of the batch of all of them. REQUIRES: has_company().
    void hand_out(const Result<Reply>& whole);
    // What it was answered, if it was.
    [[nodiscard]] std::optional<Result<Reply>>& reply() noexcept;

   private:
    Gatherer& gatherer_;
    std::shared_ptr<Wanted> wanted_;
    std::vector<std::shared_ptr<Wanted>> taken_;  // along, this one first
    std::vector<Share> shares_;                   // of these
  };

 private:
  struct Wanted {
    std::vector<Subrequest> parts;
    bool plain = false;
    Instant since;
    std::size_t bytes = 0;
    enum class State { waits, leads, sends, taken, decided } state = State::waits;
    std::optional<Result<Reply>> reply;  // once decided; none: to be asked for by itself
    std::optional<Stop> wake;            // of whoever sleeps
  };

  [[nodiscard]] bool may_go() const;
  [[nodiscard]] Instant may_go_at() const;
  [[nodiscard]] bool fills_a_batch() const;
  [[nodiscard]] bool expects_others() const noexcept {
    return linger_ > Millis{0} && kind_ == Shared::reads;
  }
  void lead(Wanted& one) noexcept;
  void next();
  void let_all_go();
  static void wake(Wanted& one);

  Clock& clock_;
  Millis hold_;
  Millis linger_;
  Shared kind_;
  std::deque<std::shared_ptr<Wanted>> queue_;
  bool collecting_ = false;  // somebody leads, and has not sent yet
  int under_way_ = 0;
  Instant sent_{};         // the last one of these
  Instant apart_until_{};  // what was asked together has failed, or took long
  Most most_;
};

}  // namespace kinto_mirror::kinto
