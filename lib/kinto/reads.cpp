// Lists, counts and single objects: what is asked of a server, and what its answer is worth.

#include "base/json_slice.hpp"
#include "base/require.hpp"
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

bool is_listed(const Onward& from, const Entry& entry) {
  return entry.stamp == from.stamp && std::ranges::find(from.listed, entry.id) != from.listed.end();
}

bool has_all_expected(const Page& page, const Listing& listing) {
  const auto live = std::ranges::count_if(page.entries, [&listing](const Entry& entry) {
    return !entry.deleted && !is_listed(listing.from, entry);
  });
  return live >= listing.expected;
}

// Whether more may lie behind a page without a Next-Page. Kintos up to 11.2.1 give one only while
// fewer objects were listed than there are live ones, though the tombstones are listed as well
// (hazard 45): of 350 live records and 400 tombstones the first 500 come, and no Next-Page. Such a
// server tells the total with each list. Of any other, a page that is full is no end either.
bool may_go_on(const http::Headers& headers, const Page& page, const Listing& listing,
               std::size_t cut_at) {
  const std::size_t rows = page.entries.size();
  if (rows == 0) return false;
  if (!listing.ids.empty() && rows >= listing.ids.size()) return false;
  if (!has_all_expected(page, listing)) return true;
  if (!listing.since) return false;  // without tombstones the total is right
  const bool full = (listing.limit > 0 && std::cmp_greater_equal(rows, listing.limit)) ||
                    (cut_at > 0 && rows >= cut_at);
  return full || total_of(headers).has_value();
}

// The objects of a list that is a part of a batch.
Result<Page> page_in(const Answer& answer) {
  return parse_page("{\"data\":" + answer.rows + "}");
}

// Nothing where the answer is no list.
std::optional<Recent> recent_of(const Answer& answer) {
  if (answer.status != 200 || !answer.etag || answer.rows.empty()) return std::nullopt;
  auto page = page_in(answer);
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

// What a list in the order of ids goes on behind; empty where nothing can come. (The order of the
// ids themselves is the server's: that of a database may be any.)
Result<std::string> last_id(const Page& page, const Listing& listing) {
  if (page.entries.empty()) return std::string();
  const std::string& last = listing.from.id;
  if (!last.empty() && std::ranges::find(page.entries, last, &Entry::id) != page.entries.end()) {
    return Error(Errc::not_kinto, "a list that begins anew behind its end: gt_id is ignored");
  }
  const bool all = !listing.ids.empty() && page.entries.size() >= listing.ids.size();
  return all ? std::string() : page.entries.back().id;
}

void drop_listed(Page& page, const Onward& from) {
  std::erase_if(page.entries, [&from](const Entry& entry) { return is_listed(from, entry); });
}

}  // namespace

// Something in front of the server drops the ETags of lists; those of a batch it cannot. Kinto
// itself reads a list's ETag before its rows, so one that was asked for before will do.
ResultTask<Stamp> Server::etag_before_list(std::string path, const Listing& listing) {
  constexpr int enough = 3;  // a header may be lost once
  Subrequest head("HEAD", std::move(path));
  const bool asked = lists_without_etag_ >= enough && listing.ids.empty() && asks_in_batches();
  if (!asked || head.must_go_alone()) co_return Stamp{};
  notice(config_.name + " " + config_.url +
         ": lists come without an ETag: something in front of it drops that header, and is to let "
         "it pass. Until then it is asked for in a batch before each list");
  std::vector<Subrequest> requests;
  requests.push_back(std::move(head));
  const auto parts = co_await ask_together(std::move(requests), Retry::transient);
  if (!parts && may_be_asked_plainly(parts.error().code)) {
    take_refused_batch(parts.error().code);
    co_return Stamp{};
  }
  if (!parts) co_return parts.error();
  co_return parts->answers.front().etag.value_or(Stamp{});
}

// A small list that turns out to be larger is asked for as it was wanted.
ResultTask<Page> Server::list(std::string path, Listing listing) {
  if (!is_small(path, listing)) co_return co_await list_now(path, listing, false);
  Listing few = listing;
  if (few.ids.empty()) few.limit = limit_of_few(listing);
  auto page = co_await list_now(path, few, true);
  if (!page && (!page.error().slow || !few.ids.empty())) co_return page;
  // A server that cuts it shorter does so whatever it is asked for.
  const bool as_wanted = few.limit == listing.limit;
  const bool short_of_few = page && std::cmp_less(page->entries.size(), few.limit);
  if (page && (as_wanted || short_of_few)) co_return page;
  co_return co_await list_now(std::move(path), std::move(listing), false);
}

ResultTask<Page> Server::list_now(std::string path, Listing listing, bool small) {
  auto etag_before = co_await etag_before_list(path, listing);
  if (!etag_before) co_return etag_before.error();
  const std::string target = path + query_of(listing);
  http::Request get = request("GET", target);
  // Of all answers only lists are large. Kinto compresses none, but what stands before it may.
  get.headers.emplace_back("Accept-Encoding", "gzip");
  Portion& portion = listing.stamps_only ? stamp_rows_ : rows_;
  Parts parts;
  if (small) parts.emplace_back("GET", target);
  Again again = again_for(Retry::transient, "GET");
  const Instant begin = clock_.now();
  // What is told while this is under way may be of later than its answer.
  const auto known = told_.find(path);
  const Stamp told_before = known == told_.end() ? Stamp{} : known->second.etag;
  auto response = co_await exchange(std::move(get), std::move(again), std::move(parts));
  const bool slow = !response && response.error().slow;
  if (slow && !small && listing.limit > 0) portion.too_slow(listing.limit);
  if (!response) co_return response.error();
  if (!small) portion.came(listing.limit, clock_.now() - begin, clock_.now());
  auto page = parse_page(std::move(response->body));
  if (!page) co_return error("GET", path, page.error());
  const http::Headers& headers = response->headers;
  if (const auto etag = http::find_header(headers, "ETag")) {
    const auto stamp = parse_etag(*etag);
    if (!stamp) co_return error("GET", path, no_stamp(*etag));
    page->etag = *stamp;
    // Nothing drops a header of a batch's part.
    if (!response->shared) lists_without_etag_ = 0;
  } else {
    page->etag = *etag_before;
    if (listing.ids.empty()) ++lists_without_etag_;
  }
  page->date = date_of(headers);
  page->stored = std::move(response->stored);
  if (page->stored.empty() && page->etag > Stamp{} && page->etag < told_before) {
    page->stored = "ETag: \"" + std::to_string(page->etag.ms) + "\", after the server had told \"" +
                   std::to_string(told_before.ms) + "\"";
  }
  auto token = next_token(headers, *page, listing.from.token);
  if (!token) co_return error("GET", path, token.error());
  if (!token->empty()) {
    const std::size_t rows = page->entries.size();
    if (listing.limit == 0 || std::cmp_less(rows, listing.limit)) cut_at_ = rows;
    page->next.token = std::move(*token);
  } else if (listing.by_id) {
    auto behind_last = last_id(*page, listing);
    if (!behind_last) co_return error("GET", path, behind_last.error());
    page->next.id = std::move(*behind_last);
  } else if (may_go_on(headers, *page, listing, cut_at_)) {
    Onward next = behind(*page);
    // Kinto takes no filter beyond its clock, nor below 0. Some servers (uWSGI) send no Date: ours
    // is as good then as any.
    const Stamp now = page->date > Stamp{} ? page->date : clock_.wall();
    if (next.stamp.ms > 0 && may_filter_by(next.stamp, now)) page->next = std::move(next);
  }
  if (!listing.from.listed.empty()) {
    drop_listed(*page, listing.from);
    if (page->entries.empty()) page->next = {};
    // Going on needs a filter on the stamp, and with one tombstones are listed.
    if (!listing.since) std::erase_if(page->entries, &Entry::deleted);
  }
  co_return page;
}

// `page` was asked for behind what looked like the end, of a list that began at `etag`.
void Server::tell_of_early_end(const Listing& listing, const Page& page, Stamp etag) {
  const auto was_there = [etag](const Entry& entry) { return entry.stamp <= etag; };
  if (listing.from.id.empty() || std::ranges::none_of(page.entries, was_there)) return;
  notice(config_.name + " " + config_.url +
         ": lists end early, without a Next-Page: something in front of it drops that header, and "
         "is to let it pass. Until then each list is asked for again behind its last object");
}

ResultTask<std::vector<std::optional<Recent>>> Server::recent(std::vector<std::string> paths,
                                                              std::vector<Stamp> since) {
  KINTO_MIRROR_REQUIRE(since.size() == paths.size());
  std::vector<std::optional<Recent>> out(paths.size());
  std::vector<Subrequest> requests;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    Listing listing;
    listing.since = since[i];
    listing.stamps_only = true;
    listing.limit = most_recent;
    Subrequest get("GET", paths[i] + query_of(listing));
    if (!asks_in_batches() || get.must_go_alone()) continue;
    requests.push_back(std::move(get));
    places.push_back(i);
  }
  if (requests.empty()) co_return out;
  const auto parts = co_await ask_together(std::move(requests), Retry::unreachable_only);
  if (!parts) co_return parts.error();
  for (std::size_t i = 0; i < places.size(); ++i) {
    out[places[i]] = recent_of(parts->answers[i]);
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

// By one question, where they are few: the count, and the first of them. A list that is as long as
// the server counts at the same ETag is the whole of it. Nothing where this does not tell.
ResultTask<std::optional<Names>> Server::few_names(std::string path) {
  Listing first;
  first.stamps_only = true;
  first.by_id = true;
  first.limit = most_recent;
  std::vector<Subrequest> requests;
  requests.emplace_back("HEAD", path);
  requests.emplace_back("GET", path + query_of(first));
  const auto known = names_before_.find(path);
  const bool many =
      known != names_before_.end() && std::cmp_greater(known->second.count, first.limit);
  const bool alone = std::ranges::any_of(requests, &Subrequest::must_go_alone);
  if (many || alone || !asks_in_batches() || batch_max_requests_ < requests.size()) {
    co_return std::nullopt;
  }
  const auto parts = co_await ask_together(std::move(requests), Retry::transient);
  if (!parts && is_transient(parts.error().code)) co_return parts.error();
  if (!parts) {
    if (may_be_asked_plainly(parts.error().code)) take_refused_batch(parts.error().code);
    co_return std::nullopt;
  }
  const auto count = counted(path, parts->answers.front(), parts->date);
  const Answer& listed = parts->answers.back();
  const bool told = count && listed.status == 200 && !listed.more && listed.etag == count->etag;
  if (!told || count->etag == Stamp{}) co_return std::nullopt;
  auto page = page_in(listed);
  if (!page || std::cmp_not_equal(page->entries.size(), count->live)) co_return std::nullopt;
  std::optional<Names> out(std::in_place);
  for (Entry& entry : page->entries) out->ids.push_back(std::move(entry.id));
  remember_names(path, count->etag, *out);
  co_return out;
}

ResultTask<Names> Server::names(std::string path) {
  auto few = co_await few_names(path);
  if (!few) co_return few.error();
  if (*few) co_return std::move(**few);
  Names out;
  Listing listing;
  listing.stamps_only = true;
  listing.by_id = true;
  NamesBefore before;
  if (const auto known = names_before_.find(path); known != names_before_.end()) {
    before = known->second;
  }
  std::optional<Stamp> etag;
  do {
    auto page = co_await list(path, listing);
    if (!page) co_return page.error();
    if (!etag) etag = page->etag;
    tell_of_early_end(listing, *page, *etag);
    if (out.stored.empty()) out.stored = std::move(page->stored);
    for (Entry& entry : page->entries) out.ids.push_back(std::move(entry.id));
    listing.from = std::move(page->next);
    // Nothing is written since they were last read to the end.
    const bool same = *etag > Stamp{} && before.etag == *etag && before.count == out.ids.size();
    if (same && listing.from.token.empty()) break;
  } while (!listing.from.empty());
  if (out.stored.empty()) remember_names(path, *etag, out);
  co_return out;
}

void Server::remember_names(const std::string& path, Stamp etag, const Names& names) {
  constexpr std::size_t most = 100'000;
  if (names_before_.size() >= most) names_before_.clear();
  names_before_[path] = NamesBefore{etag, names.ids.size()};
}

ResultTask<Names> Server::buckets() {
  return names("/buckets");
}

ResultTask<Names> Server::collections(const std::string& bucket) {
  return names(collections_path(bucket));
}

}  // namespace kinto_mirror::kinto
