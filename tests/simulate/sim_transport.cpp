#include "sim_transport.hpp"

#include <memory>
#include <utility>

namespace kinto_mirror::simulate {

namespace {

constexpr Millis answer_timeout{30'000};

}  // namespace

SimTransport::SimTransport(Network& network, Timeline& timeline, std::shared_ptr<Waiters> waiters,
                           Site& site, const std::string& name, Run run)
    : network_(network),
      timeline_(timeline),
      waiters_(std::move(waiters)),
      site_(site),
      run_(run),
      origin_{false, name + ".test", "80"} {}

ResultTask<http::Response> SimTransport::exchange(const http::Request& request) {
  const Error stopped(Errc::stopped, "the exchange was aborted");
  if (aborted_) co_return stopped;
  const Waiters::Ticket ticket = waiters_->draw();
  const auto answer = std::make_shared<std::shared_ptr<Network::Answer>>();
  const std::weak_ptr<Waiters> weak = waiters_;
  network_.send(site_, request, run_,
                [weak, ticket, answer](std::shared_ptr<Network::Answer> given) {
                  const auto waiters = weak.lock();
                  if (*answer || !waiters) return false;
                  *answer = std::move(given);
                  waiters->wake(ticket);
                  return true;
                });
  timeline_.after(answer_timeout, [weak, ticket, answer] {
    if (*answer) return;
    *answer = std::make_shared<Network::Answer>(Error(Errc::unreachable, "no answer within 30 s"));
    if (const auto waiters = weak.lock()) waiters->wake(ticket);
  });
  in_flight_.insert(ticket);
  co_await waiters_->wait(ticket);
  in_flight_.erase(ticket);
  if (!*answer) co_return stopped;
  co_return std::move(**answer);
}

void SimTransport::abort() {
  aborted_ = true;
  for (const Waiters::Ticket ticket : std::exchange(in_flight_, {})) waiters_->wake(ticket);
}

}  // namespace kinto_mirror::simulate
