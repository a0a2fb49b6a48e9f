// Lists, counts and single objects: what is asked of a server, and what its answer is worth.

#include "base/json_slice.hpp"
#include "kinto/server.hpp"
#include "kinto/status.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::kinto {

namespace {

// Of the page after `page`, which was itself asked for with the token `asked`; empty where the
// server gives none. Kinto makes a token of the last object on a page, so an empty page has none,
// and no page its own: who follows such a token reads for ever.
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

// Whether more may lie behind a page without a Next-Page. Kintos up to 11.2.1 give one only while
// fewer objects were listed than there are live ones, though the tombstones are listed as well
// (hazard 45): of 350 live records and 400 tombstones the first 500 come, and no Next-Page. Such a
// server tells the total with each list. Of any other, a page that is full is no end either.
bool may_go_on(const http::Headers& headers, const Page& page, const Listing& listing,
               std::size_t cut_at) {
  const std::size_t rows = page.entries.size();
  if (rows == 0 || !listing.since) return false;  // without tombstones the total is right
  if (!listing.ids.empty() && rows >= listing.ids.size()) return false;
  const bool full = (listing.limit > 0 && std::cmp_greater_equal(rows, listing.limit)) ||
                    (cut_at > 0 && rows >= cut_at);
  return full || total_of(headers).has_value();
}

// Nothing where the answer is no list.
std::optional<Recent> recent_of(const Answer& answer) {
  if (answer.status != 200 || !answer.etag || answer.rows.empty()) return std::nullopt;
  auto page = parse_page("{\"data\":" + answer.rows + "}");
  if (!page) return std::nullopt;
  Recent recent;
  recent.page = std::move(*page);
  recent.page.etag = *answer.etag;
  // As in may_go_on().
  const std::size_t rows = recent.page.entries.size();
  recent.whole =
      !answer.more && std::cmp_less(rows, Server::most_recent) && (rows == 0 || !answer.total);
  return recent;
}

// From the last object of `page` on.
Onward behind(const Page& page) {
  Onward next;
  next.stamp = page.entries.back().stamp;
  for (const Entry& entry : page.entries) {
    if (entry.stamp == next.stamp) next.listed.push_back(entry.id);
  }
  return next;
}

void drop_listed(Page& page, const Onward& from) {
  std::erase_if(page.entries, [&from](const Entry& entry) {
    return entry.stamp == from.stamp &&
           std::ranges::find(from.listed, entry.id) != from.listed.end();
  });
}

// The batch as a whole is refused, as a read-only node does, or something in front of one. And bad
// credentials are to be seen by whoever looks at the statuses of answers.
bool may_be_asked_plainly(Errc code) noexcept {
  return code == Errc::read_only || code == Errc::rejected || code == Errc::credentials;
}

Stamp date_of(const http::Headers& headers) {
  const auto date = http::find_header(headers, "Date");
  return date ? parse_date(*date).value_or(Stamp{}) : Stamp{};
}

}  // namespace

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
  page->date = date_of(headers);
  page->stored = std::move(response->stored);
  const auto known = etags_.find(path);
  if (page->stored.empty() && known != etags_.end() && page->etag > Stamp{} &&
      page->etag < known->second) {
    page->stored = "ETag: \"" + std::to_string(page->etag.ms) + "\", after the server had told \"" +
                   std::to_string(known->second.ms) + "\"";
  }
  auto token = next_token(headers, *page, listing.from.token);
  if (!token) co_return error("GET", path, token.error());
  if (!token->empty()) {
    const std::size_t rows = page->entries.size();
    if (listing.limit == 0 || std::cmp_less(rows, listing.limit)) cut_at_ = rows;
    page->next.token = std::move(*token);
  } else if (may_go_on(headers, *page, listing, cut_at_)) {
    Onward next = behind(*page);
    // Kinto takes no filter beyond its clock, nor below 0.
    if (next.stamp.ms > 0 && may_filter_by(next.stamp, page->date)) page->next = std::move(next);
  }
  if (!listing.from.listed.empty()) {
    drop_listed(*page, listing.from);
    if (page->entries.empty()) page->next = {};
  }
  co_return page;
}

// Count and ETag of a clear answer, which count for every list of the same path from now on.
Result<Count> Server::remembered(const std::string& path, const Answer& answer, Stamp date) {
  if (answer.status != 200) {
    std::string words = answer.message.empty() ? "without a reason" : answer.message;
    return Error(code_of_status(answer.status), std::to_string(answer.status) + " " + words,
                 answer.status);
  }
  if (!answer.total || !answer.etag) {
    return Error(Errc::not_kinto, "an answer without count or ETag");
  }
  constexpr std::size_t most = 100'000;
  if (etags_.size() >= most) etags_.clear();
  if (path.find('?') == std::string::npos) etags_[path] = *answer.etag;
  Count count;
  count.live = *answer.total;
  count.etag = *answer.etag;
  count.date = date;
  return count;
}

// A part that fails for a moment is asked again like a whole.
Server::Again Server::again_for_part(std::size_t parts) const {
  return [parts, whole = again_for(Retry::transient, "POST")](const Result<Reply>& reply) {
    if (whole(reply)) return true;
    if (!reply || reply->status != 200) return false;
    const auto answers = parse_batch(reply->body, parts);
    return answers && std::ranges::any_of(*answers, [](const Answer& part) {
             return part.status >= 400 && code_of_status(part.status) == Errc::failing;
           });
  };
}

ResultTask<std::vector<Answer>> Server::ask_together(std::vector<Subrequest> reads) {
  http::Request post = request("POST", "/batch", batch_body(reads));
  Again again = again_for_part(reads.size());
  auto reply = co_await exchange(std::move(post), std::move(again));
  if (!reply) co_return reply.error();
  auto answers = parse_batch(reply->body, reads.size());
  if (!answers) co_return error("POST", "/batch", answers.error());
  const Stamp date = date_of(reply->headers);
  for (Answer& answer : *answers) answer.date = date;
  co_return answers;
}

// `beside` may be empty.
ResultTask<CountBeside> Server::count_by_batch(std::string path, std::string beside) {
  std::vector<Subrequest> reads;
  reads.emplace_back("HEAD", path);
  if (!beside.empty()) reads.emplace_back("GET", beside);
  auto answers = co_await ask_together(std::move(reads));
  if (!answers) co_return answers.error();
  auto count = remembered(path, answers->front(), answers->front().date);
  if (!count) co_return error("HEAD", path, count.error());
  CountBeside out;
  out.count = std::move(*count);
  if (!beside.empty()) out.beside = std::move(answers->back());
  co_return out;
}

ResultTask<Count> Server::count_plainly(std::string path) {
  http::Request head = request("HEAD", path);
  auto response = co_await exchange(std::move(head), Retry::transient);
  if (!response) co_return response.error();
  Answer answer;
  answer.status = 200;
  answer.total = total_of(response->headers);
  const auto etag = http::find_header(response->headers, "ETag");
  if (etag) answer.etag = parse_etag(*etag);
  const auto known = etags_.find(path);
  const Stamp before = known == etags_.end() ? Stamp{} : known->second;
  auto count = remembered(path, answer, date_of(response->headers));
  if (!count) co_return error("HEAD", path, count.error());
  count->stored = std::move(response->stored);
  if (!count->stored.empty() && before > Stamp{}) etags_[path] = before;
  co_return count;
}

ResultTask<Count> Server::count(std::string path) {
  const Subrequest head("HEAD", path);
  if (no_batches_ || head.must_go_alone()) co_return co_await count_plainly(std::move(path));
  auto counted = co_await count_by_batch(path, std::string());
  if (counted) co_return std::move(counted->count);
  if (!may_be_asked_plainly(counted.error().code)) co_return counted.error();
  auto plain = co_await count_plainly(std::move(path));
  if (plain) no_batches_ = true;
  co_return plain;
}

ResultTask<CountBeside> Server::count_beside(std::string path, std::string beside) {
  const bool alone =
      Subrequest("HEAD", path).must_go_alone() || Subrequest("GET", beside).must_go_alone();
  if (!no_batches_ && !alone && batch_max_requests_ > 1) {
    auto both = co_await count_by_batch(path, beside);
    if (both || !may_be_asked_plainly(both.error().code)) co_return both;
  }
  auto counted = co_await count(std::move(path));
  if (!counted) co_return counted.error();
  auto answer = co_await look(std::move(beside));
  if (!answer) co_return answer.error();
  CountBeside out;
  out.count = std::move(*counted);
  out.beside = std::move(*answer);
  co_return out;
}

ResultTask<Answer> Server::look(std::string path) {
  Subrequest get("GET", path);
  if (!no_batches_ && !get.must_go_alone()) {
    std::vector<Subrequest> reads;
    reads.push_back(get);
    auto answers = co_await ask_together(std::move(reads));
    if (answers) co_return std::move(answers->front());
    if (!may_be_asked_plainly(answers.error().code)) co_return answers.error();
  }
  co_return co_await send_patiently(std::move(get));
}

ResultTask<Count> Server::count_of(std::string path, std::vector<std::string> ids) {
  Listing listing;
  listing.ids = std::move(ids);
  return count(path + query_of(listing));
}

ResultTask<std::vector<std::optional<Count>>> Server::counts(std::vector<std::string> paths) {
  std::vector<std::optional<Count>> out(paths.size());
  std::vector<Subrequest> requests;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    // No If-None-Match: a 304 inside a batch makes the whole batch a 500 (hazard 14).
    Subrequest head("HEAD", paths[i]);
    if (no_batches_ || head.must_go_alone()) {
      auto count = co_await count_plainly(paths[i]);
      if (count && count->stored.empty()) out[i] = std::move(*count);
    } else {
      requests.push_back(std::move(head));
      places.push_back(i);
    }
  }
  if (requests.empty()) co_return out;
  const std::size_t expected = requests.size();
  http::Request post = request("POST", "/batch", batch_body(requests));
  auto reply = co_await exchange(std::move(post), Retry::unreachable_only);
  if (!reply) co_return reply.error();
  const auto answers = parse_batch(reply->body, expected);
  if (!answers) co_return error("POST", "/batch", answers.error());
  for (std::size_t i = 0; i < places.size(); ++i) {
    auto count = remembered(paths[places[i]], (*answers)[i], date_of(reply->headers));
    if (count) out[places[i]] = std::move(*count);
  }
  co_return out;
}

ResultTask<std::vector<std::optional<Recent>>> Server::recent(std::vector<std::string> paths,
                                                              std::vector<Stamp> since) {
  std::vector<std::optional<Recent>> out(paths.size());
  std::vector<Subrequest> requests;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    Listing listing;
    listing.since = since[i];
    listing.stamps_only = true;
    listing.limit = most_recent;
    Subrequest get("GET", paths[i] + query_of(listing));
    if (no_batches_ || get.must_go_alone()) continue;
    requests.push_back(std::move(get));
    places.push_back(i);
  }
  if (requests.empty()) co_return out;
  const std::size_t expected = requests.size();
  http::Request post = request("POST", "/batch", batch_body(requests));
  auto reply = co_await exchange(std::move(post), Retry::unreachable_only);
  if (!reply) co_return reply.error();
  const auto answers = parse_batch(reply->body, expected);
  if (!answers) co_return error("POST", "/batch", answers.error());
  for (std::size_t i = 0; i < places.size(); ++i) {
    out[places[i]] = recent_of((*answers)[i]);
  }
  co_return out;
}

ResultTask<Page> Server::object(std::string path) {
  http::Request get = request("GET", path);
  auto response = co_await exchange(std::move(get), Retry::transient);
  if (!response) co_return response.error();
  auto page = parse_object(std::move(response->body));
  if (!page) co_return error("GET", path, page.error());
  page->stored = std::move(response->stored);
  co_return page;
}

ResultTask<Names> Server::names(std::string path) {
  Names out;
  Listing listing;
  listing.stamps_only = true;
  while (true) {
    auto page = co_await list(path, listing);
    if (!page) co_return page.error();
    if (out.stored.empty()) out.stored = std::move(page->stored);
    for (Entry& entry : page->entries) out.ids.push_back(std::move(entry.id));
    if (page->next.empty()) co_return out;
    listing.from = std::move(page->next);
  }
}

ResultTask<Names> Server::buckets() {
  return names("/buckets");
}

ResultTask<Names> Server::collections(std::string bucket) {
  // The path of a collection without its name: what is listed lies there.
  std::string path = collection_path(CollectionId(std::move(bucket), ""));
  path.pop_back();
  return names(std::move(path));
}

}  // namespace kinto_mirror::kinto
