#include "daemon/webhook/webhook.hpp"

#include "daemon/logging.hpp"
#include "daemon/webhook/signature.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <random>
#include <utility>

namespace kinto_mirror::daemon {

namespace {

// What happens together is told together.
constexpr Millis gather{250};
constexpr Millis last_words{2'000};
constexpr Millis a_day{86'400'000};

// Unique for each message and the same for all of its tries, so that a receiver may know one again.
std::string new_id() {
  std::random_device random;
  std::string id = "msg_";
  for (int i = 0; i < 4; ++i) id += fmt::format("{:08x}", random());
  return id;
}

}  // namespace

std::optional<Millis> wait_before_retry(int tries) noexcept {
  constexpr std::array<Millis, 4> waits{Millis{1'000}, Millis{4'000}, Millis{16'000},
                                        Millis{60'000}};
  if (tries < 1 || std::cmp_greater(tries, waits.size())) return std::nullopt;
  return waits.at(static_cast<std::size_t>(tries) - 1);
}

Webhook::Webhook(const WebhookOptions& options, std::unique_ptr<http::Transport> transport,
                 Clock& clock, const SecretGuard& guard, Deliveries& deliveries,
                 const boost::asio::any_io_executor& executor)
    : options_(options),
      transport_(std::move(transport)),
      clock_(clock),
      news_(guard,
            [this] {
              if (wake_) wake_->request();
            }),
      beside_(executor),
      deliveries_(deliveries) {}

Task<void> Webhook::run() {
  const Stop::Subscription at_end(closing_, [this] {
    if (wake_) wake_->request();
    beside_.spawn(end_in_time());
  });
  while (!closing_.requested()) {
    co_await wait_for_news();
    if (news_.any() && !closing_.requested()) co_await deliver(news_.take(clock_.wall()));
  }
  if (news_.any()) co_await deliver(news_.take(clock_.wall()));
  ended_.request();
  co_await beside_.join();
  transport_->abort();
}

Task<void> Webhook::wait_for_news() {
  wake_.emplace();
  if (!news_.any()) co_await clock_.sleep(a_day, *wake_);
  wake_.reset();
  if (news_.any()) co_await clock_.sleep(gather, closing_);
}

Task<void> Webhook::end_in_time() {
  co_await clock_.sleep(last_words, ended_);
  transport_->abort();
}

Task<void> Webhook::deliver(std::string body) {
  const std::string id = new_id();
  for (int tries = 1;; ++tries) {
    auto called = co_await call(id, body);
    if (called) {
      worked();
      co_return;
    }
    const auto wait = wait_before_retry(tries);
    const bool again = wait && !closing_.requested();
    deliveries_.failed(called.error(), again, clock_.now());
    if (!again) {
      give_up(called.error(), tries);
      co_return;
    }
    co_await clock_.sleep(*wait, closing_);
  }
}

ResultTask<void> Webhook::call(const std::string& id, const std::string& body) {
  constexpr std::int64_t ms = 1000;
  http::Headers headers = signed_headers(options_.key, id, clock_.wall().ms / ms, body);
  headers.emplace_back("Content-Type", "application/json");
  const http::Request request("POST", options_.url.target, std::move(headers), body);
  auto answer = co_await transport_->exchange(request);
  if (!answer) co_return without_path(answer.error());
  constexpr int hundred = 100;
  if (answer->status / hundred == 2) co_return success();
  co_return Error(Errc::failing, fmt::format("POST to {} was answered {}",
                                             options_.url.origin.str(), answer->status));
}

// The transport's own words name the path, which may be a secret.
Error Webhook::without_path(const Error& error) const {
  const std::string origin = options_.url.origin.str();
  const std::size_t named = error.message.find(origin);
  const std::size_t rest =
      error.message.find(": ", named == std::string::npos ? 0 : named + origin.size());
  if (named == std::string::npos || rest == std::string::npos) return error;
  return {error.code, "POST to " + origin + error.message.substr(rest)};
}

void Webhook::give_up(const Error& error, int tries) {
  given_up_ = true;
  news_.take_back();
  log_event(Level::warning, "webhook.failed",
            fmt::format("{}; {} {}: the webhook hears of it with what happens next; see "
                        "whether [notify] url is right and its server answers 2xx",
                        error.message, tries, tries == 1 ? "try" : "tries"));
}

void Webhook::worked() {
  news_.forget();
  const bool told = std::exchange(given_up_, false);
  deliveries_.arrived(clock_.now());
  if (!told) return;
  log_event(Level::info, "webhook.works", "the webhook takes messages again");
}

}  // namespace kinto_mirror::daemon
