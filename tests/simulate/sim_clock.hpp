#pragma once
// The clock of one daemon on virtual time. Its wall clock may be wrong, and jump.

#include "base/clock.hpp"
#include "timeline.hpp"
#include "waiters.hpp"

namespace kinto_mirror::simulate {

// Milliseconds since 1970 at the beginning of virtual time.
inline constexpr std::int64_t epoch = 1'700'000'000'000;

class SimClock final : public Clock {
 public:
  SimClock(Timeline& timeline, std::shared_ptr<Waiters> waiters, const Millis& wrong_by)
      : timeline_(timeline), waiters_(std::move(waiters)), wrong_by_(wrong_by) {}

  [[nodiscard]] Instant now() const override { return timeline_.now(); }
  [[nodiscard]] Stamp wall() const override {
    return Stamp{epoch + timeline_.now().time_since_epoch().count() + wrong_by_.count()};
  }

  Task<void> sleep(Millis duration, Stop& stop) override {
    if (stop.requested() || duration <= Millis::zero()) co_return;
    const Waiters::Ticket ticket = waiters_->draw();
    timeline_.after(duration, [weak = std::weak_ptr(waiters_), ticket] {
      if (const auto waiters = weak.lock()) waiters->wake(ticket);
    });
    const Stop::Subscription wake(stop, [this, ticket] { waiters_->wake(ticket); });
    co_await waiters_->wait(ticket);
  }

 private:
  Timeline& timeline_;
  std::shared_ptr<Waiters> waiters_;
  const Millis& wrong_by_;
};

}  // namespace kinto_mirror::simulate
