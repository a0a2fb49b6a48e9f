#include "kinto/flights.hpp"

#include "base/require.hpp"

#include <utility>

namespace kinto_mirror::kinto {

Flights::Seat::Seat(Flights& flights, std::string target)
    : flights_(flights), target_(std::move(target)) {
  auto& boarding = flights_.boarding_[target_];
  leads_ = boarding == nullptr;
  if (leads_) boarding = std::make_shared<Flight>();
  flight_ = boarding;
}

// Also where a coroutine is destroyed while it leads: the others ask for themselves.
Flights::Seat::~Seat() {
  if (!leads_) return;
  depart();
  flight_->over = true;
  flight_->ends.request();
}

// Who comes from now on waits for the next one.
void Flights::Seat::depart() {
  const auto boarding = flights_.boarding_.find(target_);
  if (boarding != flights_.boarding_.end() && boarding->second == flight_) {
    flights_.boarding_.erase(boarding);
  }
}

Task<void> Flights::Seat::wait() {
  if (leads_) {
    Stop nobody;
    const Instant now = flights_.clock_.now();
    co_await flights_.clock_.sleep(next_beat(now, flights_.linger_) - now, nobody);
    depart();
    co_return;
  }
  // The one that leads keeps the deadlines of its request.
  constexpr Millis a_while{60'000};
  while (!flight_->over) co_await flights_.clock_.sleep(a_while, flight_->ends);
}

void Flights::Seat::land(const Result<Reply>& reply) {
  KINTO_MIRROR_REQUIRE(leads_);
  flight_->reply.emplace(reply);
  flight_->over = true;
  flight_->ends.request();
}

}  // namespace kinto_mirror::kinto
