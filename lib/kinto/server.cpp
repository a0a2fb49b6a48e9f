#include "kinto/server.hpp"

#include "base/json_slice.hpp"

#include <algorithm>

namespace kinto_mirror::kinto {

namespace {

// Of the page after `page`, which was itself asked for with the token `asked`; empty behind the
// last one. Kinto makes a token of the last object on a page, so an empty page has none, and no
// page its own: who follows such a token reads for ever.
Result<std::string> next_token(const http::Headers& headers, const Page& page,
                               const std::string& asked) {
  const auto next = http::find_header(headers, "Next-Page");
  if (!next) return std::string();
  auto token = token_of(*next);
  if (!token) return Error(Errc::not_kinto, "a Next-Page without _token");
  if (*token == asked) return Error(Errc::not_kinto, "a Next-Page that leads to the page itself");
  if (page.entries.empty()) return Error(Errc::not_kinto, "a Next-Page behind an empty page");
  return std::move(*token);
}

}  // namespace

ResultTask<Hello> Server::hello() {
  http::Request get = request("GET", "/");
  auto response = co_await exchange(std::move(get), Retry::transient);
  if (!response) {
    Error cause = response.error();
    // Kinto's root is public, so another 4xx there is not Kinto's.
    if (cause.code == Errc::not_found || cause.code == Errc::forbidden ||
        cause.code == Errc::rejected || cause.code == Errc::read_only) {
      cause.code = Errc::not_kinto;
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
  hello.authenticated = json::member(*root, "user").has_value();
  if (const auto date = http::find_header(response->headers, "Date")) {
    hello.date = parse_date(*date).value_or(Stamp{});
  }
  batch_max_requests_ = hello.batch_max_requests;
  co_return hello;
}

Task<bool> Server::healthy() {
  http::Request get = request("GET", "/__heartbeat__");
  const auto response = co_await exchange(std::move(get), Retry::never);
  co_return response.has_value();
}

ResultTask<Page> Server::list(std::string path, Listing listing) {
  const std::string target = path + query_of(listing);
  http::Request get = request("GET", target);
  auto response = co_await exchange(std::move(get), Retry::transient);
  if (!response) co_return response.error();
  auto page = parse_page(std::move(response->body));
  if (!page) co_return error("GET", path, page.error());
  const http::Headers& headers = response->headers;
  if (const auto etag = http::find_header(headers, "ETag")) {
    const auto stamp = parse_etag(*etag);
    if (!stamp) co_return error("GET", path, Error(Errc::not_kinto, "an ETag that is no stamp"));
    page->etag = *stamp;
  }
  if (const auto date = http::find_header(headers, "Date")) {
    page->date = parse_date(*date).value_or(Stamp{});
  }
  auto token = next_token(headers, *page, listing.token);
  if (!token) co_return error("GET", path, token.error());
  page->next_token = std::move(*token);
  co_return page;
}

ResultTask<Count> Server::count(std::string path) {
  http::Request head = request("HEAD", path);
  auto response = co_await exchange(std::move(head), Retry::transient);
  if (!response) co_return response.error();
  auto total = http::find_header(response->headers, "Total-Objects");
  if (!total) total = http::find_header(response->headers, "Total-Records");
  const auto etag = http::find_header(response->headers, "ETag");
  const auto live = total ? json::to_int(*total) : std::nullopt;
  const auto stamp = etag ? parse_etag(*etag) : std::nullopt;
  if (!live || !stamp) {
    co_return error("HEAD", path, Error(Errc::not_kinto, "an answer without count or ETag"));
  }
  Count count;
  count.live = *live;
  count.etag = *stamp;
  if (const auto date = http::find_header(response->headers, "Date")) {
    count.date = parse_date(*date).value_or(Stamp{});
  }
  co_return count;
}

ResultTask<Page> Server::object(std::string path) {
  http::Request get = request("GET", path);
  auto response = co_await exchange(std::move(get), Retry::transient);
  if (!response) co_return response.error();
  auto page = parse_object(std::move(response->body));
  if (!page) co_return error("GET", path, page.error());
  co_return page;
}

ResultTask<std::vector<std::string>> Server::ids(std::string path) {
  std::vector<std::string> out;
  Listing listing;
  listing.stamps_only = true;
  while (true) {
    auto page = co_await list(path, listing);
    if (!page) co_return page.error();
    for (Entry& entry : page->entries) out.push_back(std::move(entry.id));
    if (page->next_token.empty()) co_return out;
    listing.token = std::move(page->next_token);
  }
}

ResultTask<std::vector<std::string>> Server::buckets() {
  return ids("/buckets");
}

ResultTask<std::vector<std::string>> Server::collections(std::string bucket) {
  // The path of a collection without its name: what is listed lies there.
  std::string path = collection_path(CollectionId(std::move(bucket), ""));
  path.pop_back();
  return ids(std::move(path));
}

ResultTask<std::vector<Answer>> Server::send(std::vector<Subrequest> requests) {
  const bool together =
      requests.size() > 1 && std::ranges::none_of(requests, &Subrequest::must_go_alone);
  if (together) co_return co_await send_batch(std::move(requests));
  std::vector<Answer> answers;
  for (Subrequest& single : requests) {
    auto answer = co_await send_alone(std::move(single));
    if (!answer) co_return answer.error();
    answers.push_back(std::move(*answer));
  }
  co_return answers;
}

ResultTask<std::vector<Answer>> Server::send_batch(std::vector<Subrequest> requests) {
  const std::size_t count = requests.size();
  http::Request post = request("POST", "/batch", batch_body(requests));
  requests = {};  // all of it is in the body now, and may be half a megabyte
  auto response = co_await exchange(std::move(post), Retry::unreachable_only);
  if (!response) co_return response.error();
  auto answers = parse_batch(response->body, count);
  if (!answers) co_return error("POST", "/batch", answers.error());
  co_return answers;
}

ResultTask<Answer> Server::send_alone(Subrequest single) {
  return send_plain(std::move(single), Retry::unreachable_only);
}

ResultTask<Answer> Server::send_patiently(Subrequest single) {
  return send_plain(std::move(single), Retry::transient);
}

ResultTask<Answer> Server::send_plain(Subrequest single, Retry retry) {
  std::string body;
  if (!single.data.empty()) single.append_body(body);
  http::Request plain = request(single.method, single.path, std::move(body));
  if (auto header = single.guard_header()) plain.headers.push_back(std::move(*header));
  auto response = co_await exchange_any(std::move(plain), retry);
  if (!response) co_return error(single.method, single.path, response.error());
  const int status = response->status;
  if (status == 401 || (status >= 300 && status < 400)) {
    co_return error(single.method, single.path, *failure(*response));
  }
  Answer answer;
  answer.status = status;
  if (const auto etag = http::find_header(response->headers, "ETag")) {
    answer.etag = parse_etag(*etag);
  }
  if (const auto total = http::find_header(response->headers, "Total-Objects")) {
    answer.total = json::to_int(*total);
  }
  read_answer_body(response->body, answer);
  if (status >= 400 && answer.message.empty()) answer.message = words_of(response->body);
  co_return answer;
}

}  // namespace kinto_mirror::kinto
