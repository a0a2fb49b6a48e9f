// How one request becomes an answer: headers, patience, politeness, and errors that say where.

#include "kinto/redirect.hpp"
#include "kinto/server.hpp"
#include "kinto/status.hpp"

#include <algorithm>

namespace kinto_mirror::kinto {

namespace {

constexpr int service_unavailable = 503;

// Kinto tells who has not said who he is 401 where it tells others 403.
void see_as_nobody(const std::string& method, Reply& reply) {
  if (reply.status == unauthorized && !is_refusal_in_front(method, reply)) reply.status = forbidden;
}

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
      reads_(clock, config_.gather, config_.linger, Shared::reads),
      writes_(clock, config_.gather, Millis{0}, Shared::writes),
      flights_(clock, config_.linger),
      random_(static_cast<std::uint32_t>(clock.wall().ms)) {}

// Without Accept, since Kinto has JSON alone, and reads the header anew for each part of a batch: a
// twentieth of the time that 25 records take it.
http::Request Server::request(std::string method, std::string_view path, std::string body) const {
  http::Headers headers;
  if (!config_.authorization.empty()) headers.emplace_back("Authorization", config_.authorization);
  // Old news is none, and worse than none where it is taken for new.
  if (method == "GET" || method == "HEAD") headers.emplace_back("Cache-Control", "no-cache");
  if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
  return {std::move(method), config_.base_path + std::string(path), std::move(headers),
          std::move(body)};
}

Error Server::error(std::string_view method, std::string_view path, Error cause) const {
  Error out = std::move(cause);
  out.server = config_.name;
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
    case Errc::turned_away:
      if (out.status == unauthorized) {
        out.message += "; where it asks for credentials, check those of the " + config_.name;
      }
      break;
    case Errc::read_only:
      out.message += "; give the URL of the writable node behind this read-only one";
      break;
    default:
      break;
  }
  return out;
}

std::optional<Error> Server::failure(std::string_view method, const Reply& response) {
  const int status = response.status;
  if (status >= 200 && status < 300) return std::nullopt;
  std::string message = said(status, words_of(response.body));
  if (is_redirect(status)) {
    message = redirected(response);
  } else if (status == not_modified) {
    message = "304 to a request that set no condition: something in front of it answers for it";
  }
  if (is_refused_in_between(method, response)) {
    message += "; this is not Kinto's own answer, but that of a limiter or a gateway before it";
    return Error(Errc::overloaded, std::move(message), status);
  }
  if (response.of_one_list) {
    message += "; a read-only node cannot begin a list: send this GET to the writable node once";
    return Error(Errc::rejected, std::move(message), status);
  }
  const Errc code = code_of_status(status);
  if (code == Errc::read_only && (method == "GET" || method == "HEAD")) {
    message += "; this is not Kinto's answer to a read: something in front of it does not let " +
               std::string(method) + " pass";
    return Error(Errc::not_kinto, std::move(message), status);
  }
  if (is_turned_away(method, response)) {
    message += in_front;
    return Error(Errc::turned_away, std::move(message), status);
  }
  Error failed(code, std::move(message), status);
  failed.in_front = status < 400 || is_refusal_in_front(method, response);
  return failed;
}

void Server::notice(const std::string& message) {
  if (config_.notice && noticed_.insert(message).second) config_.notice(message);
}

void Server::obey(const http::Headers& headers, int status) {
  const Instant now = clock_.now();
  Stamp there = date_of(headers);
  if (there == Stamp{}) there = server_clock_.at_least(now);
  if (there == Stamp{}) there = clock_.wall();
  if (const auto backoff = http::find_header(headers, "Backoff")) {
    welcome_from_ = std::max(welcome_from_, now + asked_wait(*backoff, there).value_or(Millis{0}));
  }
  // A 409 carries Retry-After too, but it concerns one record, not the server.
  constexpr int conflict = 409;
  if (status < 400 || status == conflict) return;
  if (const auto after = http::find_header(headers, "Retry-After")) {
    const Instant open = now + asked_wait(*after, there).value_or(Millis{0});
    welcome_from_ = std::max(welcome_from_, open);
    closed_until_ = std::max(closed_until_, open);
  }
}

Instant Server::welcome() const noexcept {
  return std::max(rate_.ready(), welcome_from_);
}

Task<void> Server::wait_until_welcome() {
  while (!stop_.requested() && clock_.now() < welcome()) {
    co_await clock_.sleep(welcome() - clock_.now(), stop_);
  }
}

Millis Server::closed_for() const {
  return std::max(Millis{0}, closed_until_ - clock_.now());
}

Millis Server::resting_for() const {
  return std::max(Millis{0}, welcome_from_ - clock_.now());
}

// How old an answer is by its `Date`, which a clock that was set back makes look old as well: the
// answer to a POST, which no cache stores, tells which. Empty where it is of now.
ResultTask<std::string> Server::is_old(const http::Headers& headers, Stamp clock) {
  if (sign_of_age(headers, clock).empty()) co_return std::string();
  std::vector<Subrequest> requests;
  requests.emplace_back("GET", "/");
  const http::Request post = request("POST", "/batch", batch_body(requests));
  const auto now = co_await ask_now(post);
  if (!now) co_return now.error();
  co_return sign_of_age(headers, server_clock_.at_least(clock_.now()));
}

// One request as soon as it may be sent.
ResultTask<Reply> Server::ask_now(const http::Request& request) {
  co_await wait_until_welcome();
  // Not every stop: what the drivers still have to say goes to a server that is ready for it.
  if (clock_.now() < welcome()) {
    co_return Error(Errc::stopped, "stopped while the server asked to be left alone");
  }
  const Instant sent = clock_.now();
  rate_.sent(sent);
  auto response = co_await transport_->exchange(request);
  if (!response) co_return response.error();
  auto circle = redirect_to_itself(transport_->origin(), request.target, *response);
  if (circle) co_return std::move(*circle);
  Reply reply(std::move(*response));
  reply.of_one_list = read_only_ && reply.status == service_unavailable &&
                      request.target.find("/buckets/") != std::string::npos &&
                      !is_refused_in_between(request.method, reply);
  if (!reply.of_one_list) obey(reply.headers, reply.status);
  const Instant now = clock_.now();
  reply.took = now - sent;
  quickest_ = std::min(quickest_, reply.took);
  if (is_refused_in_between(request.method, reply)) {
    rate_.refused(sent, now, reply.status);
  } else {
    rate_.answered(now);
  }
  server_clock_.told(date_of(reply.headers), now, request.method == "POST");
  co_return reply;
}

ResultTask<Reply> Server::attempt_alone(const http::Request& request) {
  const Millis wait = resting_for();
  if (closed_for() > config_.retry.patience || wait > config_.retry.longest_wait) {
    co_return Error(Errc::failing, "the server asked to be left alone for another " +
                                       std::to_string(wait.count() / 1000) + " s");
  }
  const Stamp clock = server_clock_.at_least(clock_.now());
  auto reply = co_await ask_now(request);
  if (reply && is_nobody()) see_as_nobody(request.method, *reply);
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (!reply || !reads || reply->status >= 300) co_return reply;
  reply->stored = sign_of_storage(reply->headers, reply->took);
  if (!reply->stored.empty()) co_return reply;
  auto old = co_await is_old(reply->headers, clock);
  if (!old) co_return old.error();
  reply->stored = std::move(*old);
  co_return reply;
}

Server::Again Server::again_for(Retry retry, const std::string& method) const {
  return [retry, method](const Result<Reply>& reply) {
    if (retry == Retry::never) return false;
    // What is too slow as a whole must be asked for in parts.
    if (reply.has_error()) return reply.error().code == Errc::unreachable && !reply.error().slow;
    // Nobody has looked at what was asked.
    if (is_refused_in_between(method, *reply)) return true;
    const auto failed = failure(method, *reply);
    return retry == Retry::transient && failed && failed->code == Errc::failing;
  };
}

ResultTask<Reply> Server::exchange_any(http::Request request, Retry retry, Parts parts) {
  Again again = again_for(retry, request.method);
  return exchange_while(std::move(request), std::move(again), std::move(parts));
}

ResultTask<Reply> Server::exchange_while(http::Request request, Again again, Parts parts) {
  const Instant begin = clock_.now();
  const Millis longest = std::max(config_.retry.patience, config_.retry.longest_wait);
  Instant give_up = begin + config_.retry.patience;
  for (int tries = 1;; ++tries) {
    auto reply = co_await attempt(request, parts);
    if (!again(reply) || stop_.requested()) co_return reply;
    const bool slowed = reply && is_refused_in_between(request.method, *reply);
    // As long as a limiter lets others through, this one's turn comes.
    if (slowed) give_up = std::max(give_up, rate_.last_answered() + config_.retry.patience);
    give_up = std::min(give_up, begin + longest);
    const double random = std::uniform_real_distribution<double>(0, 1)(random_);
    const Millis wait = slowed ? Millis{0} : backoff_delay(config_.retry, tries + 1, random);
    if (std::max(clock_.now() + wait, welcome()) > give_up) co_return reply;
    co_await clock_.sleep(wait, stop_);
    if (stop_.requested()) co_return reply;
  }
}

ResultTask<Reply> Server::exchange(http::Request request, Retry retry) {
  Again again = again_for(retry, request.method);
  return exchange(std::move(request), std::move(again));
}

ResultTask<Reply> Server::exchange(http::Request request, Again again, Parts parts) {
  const std::string method = request.method;
  const std::string path = request.target.substr(config_.base_path.size());
  auto reply = co_await exchange_while(std::move(request), std::move(again), std::move(parts));
  if (!reply) co_return error(method, path, reply.error());
  if (auto failed = failure(method, *reply)) co_return error(method, path, std::move(*failed));
  co_return reply;
}

}  // namespace kinto_mirror::kinto
