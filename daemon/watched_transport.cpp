#include "daemon/watched_transport.hpp"

#include "daemon/auth.hpp"
#include "daemon/logging.hpp"

#include <utility>

namespace kinto_mirror::daemon {

namespace {

constexpr std::string_view header_name = "Authorization";

http::Request with_credentials(const http::Request& request, const std::string& value) {
  http::Request other = request;
  for (auto& [name, old] : other.headers) {
    if (name == header_name) old = value;
  }
  return other;
}

}  // namespace

// Never two awaits in one expression, and no temporaries: g++ 12.
ResultTask<http::Response> WatchedTransport::authorized(const http::Request& request) {
  const auto given = http::find_header(request.headers, header_name);
  if (!given) co_return co_await inner_->exchange(request);
  std::string used(*given);
  Result<http::Response> answer = Error(Errc::internal, "not asked");
  if (used == credentials_->header()) {
    answer = co_await inner_->exchange(request);
  } else {
    used = credentials_->header();
    const http::Request renewed = with_credentials(request, used);
    answer = co_await inner_->exchange(renewed);
  }
  const bool refused = answer && answer->status == 401;
  if (!refused) co_return answer;
  const auto other = credentials_->refused(used, clock_.now());
  if (!other) tell_unusable(other.error());
  if (!other || !*other) co_return answer;
  hide_from_log(secrets_of_auth(credentials_->auth()));
  Fields fields;
  fields.emplace_back("server", name_);
  log_event(Level::info, "server.credentials",
            name_ + ": 401; its credentials were read anew, and are tried", std::move(fields));
  const http::Request again = with_credentials(request, credentials_->header());
  co_return co_await inner_->exchange(again);
}

ResultTask<http::Response> WatchedTransport::exchange(const http::Request& request) {
  auto answer = co_await authorized(request);
  if (tells_) judge(request, answer);
  co_return answer;
}

void WatchedTransport::judge(const http::Request& request, const Result<http::Response>& answer) {
  const int status = answer ? answer->status : 0;
  if (!answer && answer.error().code == Errc::stopped) return;
  if (ServerTrouble::is_failure(status)) {
    if (trouble_.failed(status, clock_.now())) tell_begin(request, answer);
  } else if (const auto over = trouble_.worked(clock_.now())) {
    Fields fields;
    fields.emplace_back("server", name_);
    fields.emplace_back("requests", over->requests);
    fields.emplace_back("failures", over->failed());
    fields.emplace_back("for_s", over->lasting.count() / 1000);
    log_event(Level::info, "server.steady", name_ + " answers well again: " + over->text(),
              std::move(fields));
  }
}

void WatchedTransport::tell_unusable(const Error& error) const {
  Fields fields;
  fields.emplace_back("server", name_);
  log_event(Level::warning, "server.credentials",
            name_ + ": 401, and other credentials cannot be read: " + error.message +
                "; the ones of before are used",
            std::move(fields));
}

void WatchedTransport::tell_begin(const http::Request& request,
                                  const Result<http::Response>& answer) const {
  Fields fields;
  fields.emplace_back("server", name_);
  fields.emplace_back("status", answer ? answer->status : 0);
  // What the transport says names method and address already.
  const std::string what = answer ? request.method + " " + origin().str() +
                                        request.target.substr(0, request.target.find('?')) + ": " +
                                        std::to_string(answer->status)
                                  : answer.error().message;
  log_event(Level::warning, "server.unsteady", name_ + ": " + what + "; trying again",
            std::move(fields));
}

}  // namespace kinto_mirror::daemon
