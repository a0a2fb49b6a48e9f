#pragma once
// Reads that several want of one server at the same time, and that share no batch, are asked once:
// the pages of a master's lists, of which each replica wants the same while they keep step.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/task.hpp"
#include "kinto/reply.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace kinto_mirror::kinto {

// Who wants what is about to be asked waits for that answer. What is under way already is not
// waited for: its answer may be older than what this one knows.
class Flights {
  struct Flight {
    bool over = false;
    std::optional<Result<Reply>> reply;  // of a flight that came to its end
    Stop ends;
  };

 public:
  // Whoever comes waits for the next stroke of this beat; 0: each asks for himself.
  Flights(Clock& clock, Millis linger) noexcept : clock_(clock), linger_(linger) {}

  [[nodiscard]] bool on() const noexcept { return linger_ > Millis{0}; }

  //   Seat seat(...); co_await seat.wait();
  //   if (seat.leads()) ... seat.land(reply); else if (seat.reply()) ...
  //   else: ask for it by itself
  class Seat {
   public:
    // REQUIRES: the flights outlive it.
    Seat(Flights& flights, std::string target);
    ~Seat();
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;

    // Returns when it is to be asked, or has been.
    Task<void> wait();
    [[nodiscard]] bool leads() const noexcept { return leads_; }
    // REQUIRES: leads().
    void land(const Result<Reply>& reply);
    [[nodiscard]] const std::optional<Result<Reply>>& reply() const noexcept {
      return flight_->reply;
    }

   private:
    void depart();

    Flights& flights_;
    std::string target_;
    std::shared_ptr<Flight> flight_;
    bool leads_ = false;
  };

 private:
  Clock& clock_;
  Millis linger_;
  std::map<std::string, std::shared_ptr<Flight>> boarding_;  // by target, not asked for yet
};

}  // namespace kinto_mirror::kinto
