// What is asked for together: a batch of reads, or several where one is too much.

#include "base/split.hpp"
#include "kinto/server.hpp"
#include "kinto/status.hpp"

#include <algorithm>
#include <deque>
#include <iterator>
#include <utility>

namespace kinto_mirror::kinto {

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

// Errors: of a batch as a whole. Where it may have been too large, its halves are asked for: reads
// do no harm twice.
ResultTask<Server::Answers> Server::ask_together(std::vector<Subrequest> requests, Retry retry) {
  std::deque<std::vector<Subrequest>> chunks;
  chunks.push_back(std::move(requests));
  Answers all;
  while (!chunks.empty()) {
    std::string body = batch_body(chunks.front());
    const auto bytes = static_cast<std::int64_t>(body.size());
    if (bytes > read_bytes_.most() && split_front(chunks)) continue;
    auto some = co_await ask_batch(std::move(body), chunks.front(), retry);
    if (!some) {
      const Error& why = some.error();
      const bool several = chunks.front().size() > 1;
      if (several && why.code == Errc::too_large) take_too_large(bytes);
      if (several && why.cut) read_bytes_.too_slow(bytes);
      const bool may_be_size = why.code == Errc::too_large || why.cut;
      if (may_be_size && split_front(chunks)) continue;
      co_return some.error();
    }
    std::ranges::move(some->answers, std::back_inserter(all.answers));
    if (all.date == Stamp{}) all.date = some->date;
    chunks.pop_front();
  }
  co_return all;
}

ResultTask<Server::Answers> Server::ask_batch(std::string body, std::vector<Subrequest> requests,
                                              Retry retry) {
  const std::size_t expected = requests.size();
  const auto bytes = static_cast<std::int64_t>(body.size());
  http::Request post = request("POST", "/batch", std::move(body));
  Again again = retry == Retry::transient ? again_for_part(expected) : again_for(retry, "POST");
  if (expected > 1) {
    // The same size might be cut off again.
    again = [whole = std::move(again)](const Result<Reply>& reply) {
      return !(reply.has_error() && reply.error().cut) && whole(reply);
    };
  }
  const Instant begin = clock_.now();
  auto reply = co_await exchange(std::move(post), std::move(again), std::move(requests));
  if (!reply) co_return reply.error();
  if (!reply->shared) read_bytes_.came(bytes, clock_.now() - begin, clock_.now());
  auto answers = parse_batch(reply->body, expected, is_nobody());
  if (!answers) co_return error("POST", "/batch", answers.error());
  Answers parts;
  parts.answers = std::move(*answers);
  parts.date = date_of(reply->headers);
  co_return parts;
}

// Whatever it is that refuses it, it looks at the size alone.
void Server::take_too_large(std::int64_t bytes) {
  batch_bytes_.too_large(bytes, clock_.now());
  read_bytes_.too_large(bytes, clock_.now());
}

// What became of a batch in which the requests of several travelled together.
void Server::take_shared(std::int64_t bytes, bool reads, const Result<Reply>& whole) {
  Portion& portion = reads ? read_bytes_ : batch_bytes_;
  if (whole && code_of_status(whole->status) == Errc::too_large) take_too_large(bytes);
  if (whole && whole->status == 200) portion.came(bytes, whole->took, clock_.now());
  if (reads && !whole && whole.error().cut) portion.too_slow(bytes);
}

// A batch of one read, which is asked for plainly then.
void Server::take_refused_batch(Errc code) {
  if (code != Errc::too_large) no_batches_until_ = clock_.now() + asked_again_after;
}

}  // namespace kinto_mirror::kinto
