// Which requests go together with others (gather.hpp), and how.

#include "base/require.hpp"
#include "kinto/server.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace kinto_mirror::kinto {

namespace {

// What fills pages, or batches of its own, gains nothing by company.
constexpr std::size_t most_bytes_together = std::size_t{64} << 10U;
// Live objects that a list which shares a batch may have by what is known of it, and rows,
// tombstones among them, that it may bring: of ids and stamps, and of whole objects.
struct Few {
  std::int64_t live;
  std::int64_t rows;
};
constexpr Few few_stamps{100, 250};
constexpr Few few_objects{5, 25};

constexpr const Few& few(const Listing& listing) {
  return listing.stamps_only ? few_stamps : few_objects;
}

}  // namespace

// Nothing: it goes by itself.
Gatherer* Server::gatherer_of(const Parts& parts) {
  if (parts.empty() || !asks_in_batches()) return nullptr;
  // Whatever comes behind the deletion of a container is lost with it (hazard 15).
  const auto deletes_container = [](const Subrequest& one) {
    return one.method == "DELETE" && one.path.find("/records/") == std::string::npos;
  };
  if (std::ranges::any_of(parts, deletes_container)) return nullptr;
  const bool reads = std::ranges::all_of(
      parts, [](const Subrequest& one) { return one.method == "GET" || one.method == "HEAD"; });
  Gatherer& gatherer = reads ? reads_ : writes_;
  const Portion& portion = reads ? read_bytes_ : batch_bytes_;
  const auto bytes = std::min<std::int64_t>(most_bytes_together, portion.most());
  gatherer.set_most({batch_max_requests_, static_cast<std::size_t>(bytes)});
  return gatherer.takes(parts) ? &gatherer : nullptr;
}

// By its own bounds, or by what was last counted there.
bool Server::is_small(const std::string& path, const Listing& listing) const {
  if (config_.gather <= Millis{0} || !asks_in_batches()) return false;
  if (listing.by_id || !listing.from.empty()) return false;
  if (!listing.ids.empty()) return std::cmp_less_equal(listing.ids.size(), few(listing).live);
  const auto known = told_.find(path);
  return known != told_.end() && known->second.live <= few(listing).live;
}

std::int64_t Server::limit_of_few(const Listing& listing) {
  const std::int64_t rows = few(listing).rows;
  return listing.limit > 0 ? std::min(listing.limit, rows) : rows;
}

ResultTask<Reply> Server::attempt(const http::Request& request, const Parts& parts) {
  const bool page = parts.empty() && request.method == "GET";
  if (page && flights_.on()) co_return co_await attempt_page(request);
  Gatherer* const gatherer = gatherer_of(parts);
  if (gatherer == nullptr) co_return co_await attempt_alone(request);
  const bool plain = request.method != "POST";
  Gatherer::Seat seat(*gatherer, parts, plain);
  co_await seat.wait();
  if (seat.leads()) {
    // Those that come at the same moment come along, and so do those that come while the server
    // rests.
    const auto executor = co_await boost::asio::this_coro::executor;
    co_await boost::asio::post(executor, boost::asio::use_awaitable);
    co_await wait_until_welcome();
    const Parts all = seat.collect();
    if (seat.has_company()) {
      http::Request post = this->request("POST", "/batch", batch_body(all));
      post.headers.emplace_back("Accept-Encoding", "gzip");
      const auto whole = co_await attempt_alone(post);
      take_shared(static_cast<std::int64_t>(post.body.size()), gatherer == &reads_, whole);
      seat.hand_out(whole);
    }
  }
  // What a list fails by counts for more than its own: bad credentials, a server that is to be left
  // alone. It is told outside of a batch only.
  auto& reply = seat.reply();
  const bool fails = plain && reply && *reply && (*reply)->status >= 300;
  if (!reply || fails) co_return co_await attempt_alone(request);
  co_return std::move(*reply);
}

ResultTask<Reply> Server::attempt_page(const http::Request& request) {
  Flights::Seat seat(flights_, request.target);
  co_await seat.wait();
  if (!seat.leads() && seat.reply()) co_return *seat.reply();
  auto reply = co_await attempt_alone(request);
  if (seat.leads()) seat.land(reply);
  co_return reply;
}

}  // namespace kinto_mirror::kinto
