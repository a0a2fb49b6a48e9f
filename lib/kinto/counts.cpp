// How many objects there are: what is asked for it, and what is done where that is refused.

#include "base/require.hpp"
#include "kinto/server.hpp"
#include "kinto/status.hpp"

#include <algorithm>
#include <utility>

namespace kinto_mirror::kinto {

namespace {

bool has_a_reason(Errc code) noexcept {
  return code == Errc::forbidden || code == Errc::not_found;
}

std::string target_of(const std::string& path, const Listing& which) {
  return which.ids.empty() ? path : path + query_of(which);
}

Error lacks(const std::string& header) {
  return {Errc::not_kinto, "an answer without count or ETag: there is no " + header +
                               "; what stands in front of Kinto must let that header pass"};
}

// Count and ETag, or what is wrong with the answer.
Result<Count> count_in(const Answer& answer, Stamp date) {
  if (answer.status != 200) {
    return Error(code_of_status(answer.status), said(answer.status, answer.message), answer.status);
  }
  if (!answer.odd_etag.empty()) return no_stamp(answer.odd_etag);
  if (!answer.etag) return lacks("ETag");
  if (!answer.total) return lacks("Total-Objects");
  Count count;
  count.live = *answer.total;
  count.etag = *answer.etag;
  count.date = date;
  return count;
}

}  // namespace

// What a clear answer tells of a whole path counts for every list of it from now on.
void Server::remember(const std::string& target, const Count& count) {
  constexpr std::size_t most = 100'000;
  if (told_.size() >= most) told_.clear();
  if (target.find('?') == std::string::npos) told_[target] = count;
}

Result<Count> Server::counted(const std::string& target, const Answer& answer, Stamp date) {
  auto count = count_in(answer, date);
  if (!count) return error("HEAD", target, count.error());
  remember(target, *count);
  return count;
}

// By HEAD, once. An answer without a count is an error with its status, and without a reason, since
// HEAD's answers have no body.
ResultTask<Count> Server::count_by_head(const std::string& target) {
  http::Request head = request("HEAD", target);
  auto response = co_await exchange_any(std::move(head), Retry::unreachable_only);
  if (!response) co_return error("HEAD", target, response.error());
  if (auto failed = failure("HEAD", *response)) co_return error("HEAD", target, std::move(*failed));
  Answer answer;
  answer.status = 200;
  answer.total = total_of(response->headers);
  if (const auto etag = http::find_header(response->headers, "ETag")) read_etag(*etag, answer);
  auto count = count_in(answer, date_of(response->headers));
  if (!count) co_return error("HEAD", target, count.error());
  count->stored = std::move(response->stored);
  if (count->stored.empty()) remember(target, *count);
  co_return count;
}

// By GET, which tells the reason where nothing can be read. Kintos up to 11.2.1 give the total with
// it; of others all objects are listed, unless a `hint` will do and the ETag is that of last time.
ResultTask<Count> Server::count_by_get(std::string path, Listing which, bool hint) {
  const std::string target = target_of(path, which);
  http::Request get = request("GET", target + (which.ids.empty() ? "?" : "&") + "_limit=1");
  auto response = co_await exchange(std::move(get), Retry::transient);
  if (!response) co_return response.error();
  Answer answer;
  answer.status = 200;
  answer.total = total_of(response->headers);
  if (const auto etag = http::find_header(response->headers, "ETag")) read_etag(*etag, answer);
  const auto known = told_.find(target);
  const bool may_compare = known != told_.end() && answer.etag && response->stored.empty();
  if (hint && !answer.total && may_compare && known->second.etag == *answer.etag) {
    answer.total = known->second.live;
  }
  // It was flushed or restored, and its lists are of before what it once told.
  if (may_compare && *answer.etag < known->second.etag) told_.erase(known);
  if (!answer.total) co_return co_await count_by_listing(std::move(path), std::move(which));
  auto count = count_in(answer, date_of(response->headers));
  if (!count) co_return error("GET", target, count.error());
  count->stored = std::move(response->stored);
  if (count->stored.empty()) remember(target, *count);
  co_return count;
}

ResultTask<Count> Server::count_by_listing(std::string path, Listing which) {
  const std::string target = target_of(path, which);
  which.stamps_only = true;
  which.by_id = true;
  Count count;
  bool first = true;
  do {
    auto page = co_await list(path, which);
    if (!page) co_return page.error();
    if (std::exchange(first, false)) {
      count.etag = page->etag;
      count.date = page->date;
    }
    tell_of_early_end(which, *page, count.etag);
    if (count.stored.empty()) count.stored = std::move(page->stored);
    count.live += std::ssize(page->entries);
    which.from = std::move(page->next);
  } while (!which.from.empty());
  if (count.etag == Stamp{}) {
    co_return error("GET", path, lacks("ETag"));
  }
  if (count.stored.empty()) remember(target, count);
  co_return count;
}

ResultTask<Count> Server::count_plainly(std::string path, Listing which, bool hint) {
  const std::string target = target_of(path, which);
  if (clock_.now() >= no_heads_until_) {
    auto counted = co_await count_by_head(target);
    if (counted) co_return counted;
    const bool answered = counted.error().status != 0 || counted.error().code == Errc::not_kinto;
    if (!answered) co_return counted;
    const Error refused = counted.error();
    auto read = co_await count_by_get(path, which, hint);
    // What can be read by GET and was refused for a moment only is asked for by HEAD again.
    if (!read || refused.code == Errc::failing) co_return read;
    // The credentials may have been read anew between the two.
    if (refused.code == Errc::credentials) {
      auto again = co_await count_by_head(target);
      if (again) co_return again;
    }
    no_heads_until_ = clock_.now() + asked_again_after;
    notice(refused.message +
           "; GET works, so objects are listed to count them, which takes longer");
    co_return read;
  }
  co_return co_await count_by_get(std::move(path), std::move(which), hint);
}

// What a HEAD in a batch answered, or the reason why it was refused, which it has no body to tell
// of.
ResultTask<Count> Server::counted_or_why(std::string path, Listing which, Answer head, Stamp date) {
  auto count = counted(target_of(path, which), head, date);
  if (count || !has_a_reason(count.error().code)) co_return count;
  co_return co_await count_by_get(std::move(path), std::move(which), false);
}

ResultTask<Count> Server::count_these(std::string path, Listing which) {
  const std::string target = target_of(path, which);
  const Subrequest head("HEAD", target);
  bool refused = false;
  if (asks_in_batches() && !head.must_go_alone()) {
    std::vector<Subrequest> requests;
    requests.push_back(head);
    auto parts = co_await ask_together(std::move(requests), Retry::transient);
    if (!parts && !may_be_asked_plainly(parts.error().code)) co_return parts.error();
    refused = parts.has_error() && parts.error().code != Errc::too_large;
    if (parts) {
      auto count = co_await counted_or_why(path, which, parts->answers.front(), parts->date);
      if (count || count.error().code != Errc::credentials) co_return count;
    }
  }
  auto plain = co_await count_plainly(std::move(path), std::move(which), false);
  if (plain && refused) no_batches_until_ = clock_.now() + asked_again_after;
  co_return plain;
}

ResultTask<Count> Server::count(std::string path) {
  Listing all;
  return count_these(std::move(path), std::move(all));
}

ResultTask<Count> Server::count_of(std::string path, std::vector<std::string> ids) {
  Listing some;
  some.ids = std::move(ids);
  return count_these(std::move(path), std::move(some));
}

ResultTask<CountBeside> Server::count_beside(std::string path, std::string beside,
                                             std::vector<std::string> ids) {
  CountBeside out;
  Listing which;
  which.ids = std::move(ids);
  const std::string target = target_of(path, which);
  const bool alone =
      Subrequest("HEAD", target).must_go_alone() || Subrequest("GET", beside).must_go_alone();
  if (asks_in_batches() && !alone && batch_max_requests_ > 1) {
    std::vector<Subrequest> requests;
    requests.emplace_back("HEAD", target);
    requests.emplace_back("GET", beside);
    auto parts = co_await ask_together(std::move(requests), Retry::transient);
    if (!parts && !may_be_asked_plainly(parts.error().code)) co_return parts.error();
    if (parts) {
      auto count = co_await counted_or_why(path, which, parts->answers.front(), parts->date);
      if (!count && count.error().code != Errc::credentials) co_return count.error();
      if (count) {
        out.count = std::move(*count);
        out.beside = std::move(parts->answers.back());
        co_return out;
      }
    }
  }
  auto counted = co_await count_these(std::move(path), std::move(which));
  if (!counted) co_return counted.error();
  auto answer = co_await look(std::move(beside));
  if (!answer) co_return answer.error();
  out.count = std::move(*counted);
  out.beside = std::move(*answer);
  co_return out;
}

ResultTask<Answer> Server::look(std::string path) {
  Subrequest get("GET", std::move(path));
  if (asks_in_batches() && !get.must_go_alone()) {
    std::vector<Subrequest> requests;
    requests.push_back(get);
    auto parts = co_await ask_together(std::move(requests), Retry::transient);
    if (parts) co_return std::move(parts->answers.front());
    if (!may_be_asked_plainly(parts.error().code)) co_return parts.error();
  }
  co_return co_await send_patiently(std::move(get));
}

ResultTask<std::vector<Answer>> Server::look(std::vector<std::string> paths) {
  KINTO_MIRROR_REQUIRE(!paths.empty() && paths.size() <= batch_max_requests_);
  std::vector<Subrequest> requests;
  requests.reserve(paths.size());
  for (const std::string& path : paths) requests.emplace_back("GET", path);
  const bool alone = std::ranges::any_of(requests, &Subrequest::must_go_alone);
  if (asks_in_batches() && !alone) {
    auto parts = co_await ask_together(std::move(requests), Retry::transient);
    if (parts) co_return std::move(parts->answers);
    if (!may_be_asked_plainly(parts.error().code)) co_return parts.error();
  }
  std::vector<Answer> out;
  out.reserve(paths.size());
  for (std::string& path : paths) {
    auto answer = co_await look(std::move(path));
    if (!answer) co_return answer.error();
    out.push_back(std::move(*answer));
  }
  co_return out;
}

ResultTask<std::vector<std::optional<Count>>> Server::counts(std::vector<std::string> paths) {
  KINTO_MIRROR_REQUIRE(paths.size() <= batch_max_requests_);
  std::vector<std::optional<Count>> out(paths.size());
  std::vector<Subrequest> requests;
  std::vector<std::size_t> places;
  std::vector<std::size_t> alone;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    // No If-None-Match: a 304 inside a batch makes the whole batch a 500 (hazard 14).
    Subrequest head("HEAD", paths[i]);
    if (!asks_in_batches() || head.must_go_alone()) {
      alone.push_back(i);
    } else {
      requests.push_back(std::move(head));
      places.push_back(i);
    }
  }
  if (!requests.empty()) {
    auto parts = co_await ask_together(std::move(requests), Retry::unreachable_only);
    const Errc why = parts ? Errc::internal : parts.error().code;
    const bool plainly =
        why == Errc::read_only || why == Errc::turned_away || why == Errc::too_large;
    if (!parts && !plainly) co_return parts.error();
    if (!parts) {
      take_refused_batch(why);
      alone.insert(alone.end(), places.begin(), places.end());
      places.clear();
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
      auto count = counted(paths[places[i]], parts->answers[i], parts->date);
      if (count) out[places[i]] = std::move(*count);
    }
  }
  for (const std::size_t i : alone) {
    Listing all;
    auto count = co_await count_plainly(paths[i], std::move(all), true);
    if (count && count->stored.empty()) out[i] = std::move(*count);
  }
  co_return out;
}

}  // namespace kinto_mirror::kinto
