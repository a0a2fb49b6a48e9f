#pragma once
// The wish to stop, passed to everything that loops or waits. It is a request and not a
// cancellation: whoever holds a batch in flight finishes it, then sees the wish. Not thread-safe:
// one thread runs it all.

#include <functional>
#include <list>
#include <utility>

namespace kinto_mirror {

class Stop {
 public:
  using Callback = std::function<void()>;

  // Removes its callback when it goes out of scope.
  class Subscription {
   public:
    Subscription(Stop& stop, Callback callback) : stop_(stop) {
      position_ = stop_.callbacks_.insert(stop_.callbacks_.end(), std::move(callback));
    }
    ~Subscription() { stop_.callbacks_.erase(position_); }
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

   private:
    Stop& stop_;
    std::list<Callback>::iterator position_;
  };

  [[nodiscard]] bool requested() const noexcept { return requested_; }

  // Wakes everyone who sleeps with this Stop. Further calls do nothing.
  void request() {
    if (std::exchange(requested_, true)) return;
    for (const Callback& callback : callbacks_) callback();
  }

 private:
  friend class Subscription;
  bool requested_ = false;
  std::list<Callback> callbacks_;
};

}  // namespace kinto_mirror
