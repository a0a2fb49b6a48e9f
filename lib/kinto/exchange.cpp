// How one request becomes an answer: headers, patience, politeness, and errors that say where.

#include "kinto/server.hpp"
#include "kinto/status.hpp"

#include <algorithm>

namespace kinto_mirror::kinto {

namespace {

constexpr int service_unavailable = 503;

std::string_view path_only(std::string_view target) {
  return target.substr(0, target.find('?'));
}

}  // namespace

Server::Server(ServerConfig config, std::unique_ptr<http::Transport> transport, Clock& clock,
               Stop& stop)
    : config_(std::move(config)),
      transport_(std::move(transport)),
      clock_(clock),
      stop_(stop),
      random_(static_cast<std::uint32_t>(clock.wall().ms)) {}

http::Request Server::request(std::string method, std::string_view path, std::string body) const {
  http::Headers headers;
  if (!config_.authorization.empty()) headers.emplace_back("Authorization", config_.authorization);
  headers.emplace_back("Accept", "application/json");
  if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
  return {std::move(method), config_.base_path + std::string(path), std::move(headers),
          std::move(body)};
}

Error Server::error(std::string_view method, std::string_view path, Error cause) const {
  Error out = std::move(cause);
  // What the transport says names method and address already.
  const bool named = out.message.starts_with(std::string(method) + " http");
  out.message = named ? config_.name + ": " + out.message
                      : config_.name + " " + config_.url + ": " + std::string(method) + " " +
                            std::string(path_only(path)) + ": " + out.message;
  switch (out.code) {
    case Errc::credentials:
      out.message += "; check the credentials of the " + config_.name;
      break;
    case Errc::forbidden:
      out.message += "; the user of the " + config_.name + " lacks this right";
      break;
    case Errc::read_only:
      out.message += "; give the URL of the writable node behind this read-only one";
      break;
    default:
      break;
  }
  return out;
}

std::optional<Error> Server::failure(const http::Response& response) const {
  const int status = response.status;
  if (status >= 200 && status < 300) return std::nullopt;
  std::string message = std::to_string(status) + " " + words_of(response.body);
  if (status >= 300 && status < 400) {
    const auto location = http::find_header(response.headers, "Location");
    message = std::to_string(status) + ", a redirect";
    if (location) message += " to " + std::string(path_only(*location));
    message += ", which is not followed: configure the address where Kinto really is";
  }
  return Error(code_of_status(status), std::move(message), status);
}

void Server::obey(const http::Headers& headers, int status) {
  const auto put_off = [this](std::optional<Millis> wait) {
    if (wait) welcome_from_ = std::max(welcome_from_, clock_.now() + *wait);
  };
  if (const auto backoff = http::find_header(headers, "Backoff")) put_off(asked_wait(*backoff));
  // A 409 carries Retry-After too, but it concerns one record, not the server.
  if (status != service_unavailable && status != 429) return;
  if (const auto after = http::find_header(headers, "Retry-After")) {
    put_off(asked_wait(*after));
    closed_until_ = std::max(closed_until_, clock_.now() + asked_wait(*after).value_or(Millis{0}));
  }
}

Task<void> Server::wait_until_welcome() {
  while (!stop_.requested() && clock_.now() < welcome_from_) {
    co_await clock_.sleep(welcome_from_ - clock_.now(), stop_);
  }
}

Millis Server::closed_for() const {
  return std::max(Millis{0}, closed_until_ - clock_.now());
}

Millis Server::resting_for() const {
  return std::max(Millis{0}, welcome_from_ - clock_.now());
}

ResultTask<http::Response> Server::attempt(const http::Request& request) {
  const Millis wait = resting_for();
  if (closed_for() > config_.retry.patience || wait > config_.retry.longest_wait) {
    co_return Error(Errc::failing, "the server asked to be left alone for another " +
                                       std::to_string(wait.count() / 1000) + " s");
  }
  co_await wait_until_welcome();
  // Not every stop: what the drivers still have to say goes to a server that is ready for it.
  if (clock_.now() < welcome_from_) {
    co_return Error(Errc::stopped, "stopped while the server asked to be left alone");
  }
  auto response = co_await transport_->exchange(request);
  if (response) obey(response->headers, response->status);
  co_return response;
}

Server::Again Server::again_for(Retry retry) const {
  return [this, retry](const Result<http::Response>& response) {
    if (retry == Retry::never) return false;
    if (response.has_error()) return response.error().code == Errc::unreachable;
    const auto failed = failure(*response);
    return retry == Retry::transient && failed && failed->code == Errc::failing;
  };
}

ResultTask<http::Response> Server::exchange_any(http::Request request, Retry retry) {
  return exchange_while(std::move(request), again_for(retry));
}

ResultTask<http::Response> Server::exchange_while(http::Request request, Again again) {
  const Instant give_up = clock_.now() + config_.retry.patience;
  for (int tries = 1;; ++tries) {
    auto response = co_await attempt(request);
    if (!again(response) || stop_.requested()) co_return response;
    const double random = std::uniform_real_distribution<double>(0, 1)(random_);
    const Millis wait = backoff_delay(config_.retry, tries + 1, random);
    if (std::max(clock_.now() + wait, welcome_from_) > give_up) co_return response;
    co_await clock_.sleep(wait, stop_);
    if (stop_.requested()) co_return response;
  }
}

ResultTask<http::Response> Server::exchange(http::Request request, Retry retry) {
  const std::string method = request.method;
  const std::string path = request.target.substr(config_.base_path.size());
  auto response = co_await exchange_any(std::move(request), retry);
  if (!response) co_return error(method, path, response.error());
  if (auto failed = failure(*response)) co_return error(method, path, std::move(*failed));
  co_return response;
}

}  // namespace kinto_mirror::kinto
