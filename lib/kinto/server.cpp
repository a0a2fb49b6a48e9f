#include "kinto/server.hpp"

#include "base/json_slice.hpp"
#include "base/require.hpp"
#include "kinto/reply.hpp"
#include "kinto/status.hpp"

#include <algorithm>

namespace kinto_mirror::kinto {

namespace {

bool is_write(const Subrequest& one) {
  return one.method == "PUT" || one.method == "PATCH" || one.method == "DELETE";
}

}  // namespace

ResultTask<Hello> Server::hello() {
  http::Request get = request("GET", "/");
  auto response = co_await exchange(std::move(get), Retry::transient);
  if (!response) {
    Error cause = response.error();
    // Kinto's root is public, so another 4xx there is not Kinto's.
    if (cause.code == Errc::not_found || cause.code == Errc::forbidden ||
        cause.code == Errc::rejected || cause.code == Errc::read_only ||
        (cause.code == Errc::turned_away && cause.status != unauthorized)) {
      cause.code = Errc::not_kinto;
      cause.message = cause.message.substr(0, cause.message.find(in_front));
      cause.message += "; there is no Kinto at this address";
    }
    co_return cause;
  }
  const auto root = json::whole_value(response->body);
  const auto version = root ? json::member(*root, "project_version") : std::nullopt;
  const auto settings = root ? json::member(*root, "settings") : std::nullopt;
  if (!version || !settings || !json::member(*root, "http_api_version")) {
    co_return error("GET", "/",
                    Error(Errc::not_kinto,
                          "the answer is not Kinto's; is this the right "
                          "address?",
                          response->status));
  }
  Hello hello;
  hello.version = json::to_string(*version).value_or("unknown");
  if (const auto max = json::member(*settings, "batch_max_requests")) {
    hello.batch_max_requests = static_cast<std::size_t>(
        std::clamp<std::int64_t>(json::to_int(*max).value_or(25), 1, 1000));
  }
  hello.read_only = json::member(*settings, "readonly") == "true";
  hello.hides_permissions = json::member(*settings, "explicit_permissions") == "false";
  const auto user = json::member(*root, "user");
  hello.authenticated = user.has_value();
  const auto user_id = user ? json::member(*user, "id") : std::nullopt;
  if (user_id) hello.user = json::to_string(*user_id).value_or("");
  hello.date = date_of(response->headers);
  quickest_ = response->took;
  batch_max_requests_ = hello.batch_max_requests;
  const auto capabilities = json::member(*root, "capabilities");
  validates_ = hello.validates = capabilities && json::member(*capabilities, "schema").has_value();
  hello.has_history = capabilities && json::member(*capabilities, "history").has_value();
  read_only_ = hello.read_only;
  no_batches_until_ = no_heads_until_ = {};
  reads_.begin_anew();
  writes_.begin_anew();
  co_return hello;
}

Task<bool> Server::healthy() {
  http::Request get = request("GET", "/__heartbeat__");
  const auto response = co_await exchange(std::move(get), Retry::never);
  co_return response.has_value();
}

ResultTask<std::vector<Answer>> Server::send(std::vector<Subrequest> requests, Company company) {
  return send_all(std::move(requests), Retry::unreachable_only, company);
}

ResultTask<std::vector<Answer>> Server::send_patiently(std::vector<Subrequest> requests) {
  return send_all(std::move(requests), Retry::transient, Company::any);
}

ResultTask<std::vector<Answer>> Server::send_all(std::vector<Subrequest> requests, Retry retry,
                                                 Company company) {
  KINTO_MIRROR_REQUIRE(!requests.empty());
  const bool together = requests.size() > 1 && requests.size() <= batch_max_requests_ &&
                        std::ranges::none_of(requests, &Subrequest::must_go_alone);
  if (together) co_return co_await send_batch(std::move(requests), retry, company);
  std::vector<Answer> answers;
  for (Subrequest& single : requests) {
    auto answer = co_await send_plain(std::move(single), retry, company);
    if (!answer) co_return answer.error();
    answers.push_back(std::move(*answer));
  }
  co_return answers;
}

ResultTask<std::vector<Answer>> Server::send_batch(std::vector<Subrequest> requests, Retry retry,
                                                   Company company) {
  const std::size_t count = requests.size();
  http::Request post = request("POST", "/batch", batch_body(requests));
  // The body has it, which may be large.
  if (company == Company::none || gatherer_of(requests) == nullptr) requests = {};
  const auto bytes = static_cast<std::int64_t>(post.body.size());
  const Instant begin = clock_.now();
  Again again = again_for(retry, "POST");
  auto response = co_await exchange(std::move(post), std::move(again), std::move(requests));
  if (!response && response.error().slow) batch_bytes_.too_slow(bytes);
  if (!response && response.error().code == Errc::too_large) take_too_large(bytes);
  if (!response) co_return response.error();
  if (!response->shared) batch_bytes_.came(bytes, clock_.now() - begin, clock_.now());
  auto answers = parse_batch(response->body, count, is_nobody());
  if (!answers) {
    Error broken = error("POST", "/batch", answers.error());
    // Kinto's own answer, cut or wrong, leaves open what was carried out; a page is none of it.
    broken.in_front = response->body.find("\"responses\"") == std::string::npos;
    co_return broken;
  }
  co_return answers;
}

ResultTask<Answer> Server::send_alone(Subrequest single) {
  return send_plain(std::move(single), Retry::unreachable_only, Company::none);
}

ResultTask<Answer> Server::send_patiently(Subrequest single) {
  return send_plain(std::move(single), Retry::transient, Company::any);
}

ResultTask<Answer> Server::send_plain(Subrequest single, Retry retry, Company company) {
  std::string body;
  if (!single.data.empty()) single.append_body(body);
  http::Request plain = request(single.method, single.path, std::move(body));
  if (auto header = single.guard_header()) plain.headers.push_back(std::move(*header));
  Parts parts;
  if (company == Company::any && is_write(single)) parts.push_back(single);
  auto response = co_await exchange_any(std::move(plain), retry, std::move(parts));
  if (!response) co_return error(single.method, single.path, response.error());
  const int status = response->status;
  const bool in_between = is_refused_in_between(single.method, *response);
  if (in_between || status == unauthorized || (status >= 300 && status < 400)) {
    co_return error(single.method, single.path, *failure(single.method, *response));
  }
  Answer answer;
  answer.status = status;
  answer.in_front = is_refusal_in_front(single.method, *response);
  if (const auto etag = http::find_header(response->headers, "ETag")) read_etag(*etag, answer);
  answer.total = total_of(response->headers);
  read_answer_body(response->body, answer);
  // Kinto tells what it has, what it has stored and what it has deleted.
  const bool writes = single.method == "PUT" || single.method == "DELETE";
  const bool reads = single.method == "GET";
  const bool stands = writes ? answer.stamp.has_value() : !answer.object.empty();
  const bool cut = reads && !json::whole_value(response->body);
  if (status < 300 && (writes || reads) && (cut || (!stands && answer.rows.empty()))) {
    Error page(Errc::not_kinto, said(status, words_of(response->body)) + std::string(in_front),
               status);
    page.in_front = true;
    co_return error(single.method, single.path, std::move(page));
  }
  if (status >= 400 && answer.message.empty()) answer.message = words_of(response->body);
  co_return answer;
}

}  // namespace kinto_mirror::kinto
