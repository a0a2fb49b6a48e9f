#include "sync/tree/tree_writer.hpp"

#include "base/json_slice.hpp"
#include "base/split.hpp"
#include "kinto/status.hpp"
#include "sync/write/containers.hpp"

#include <algorithm>
#include <deque>
#include <iterator>
#include <utility>

namespace kinto_mirror::sync {

namespace {

using kinto::Answer;
using kinto::Server;
using kinto::Subrequest;
using What = ContainerOutcome::What;

// Others may take the free stamps at the same time.
constexpr int max_clashes = 20;

Subrequest to_subrequest(const ContainerPut& put) {
  Subrequest request("PUT", put.id.path());
  request.data = put.write.data;
  if (put.write.lists) request.permissions = encode(*put.write.lists);
  request.guard = put.guard ? Subrequest::Guard::if_stamp : Subrequest::Guard::if_absent;
  request.guard_stamp = put.guard.value_or(Stamp{});
  return request;
}

Error failed(const Server& server, const Subrequest& request, const Answer& answer) {
  Errc code = kinto::code_of_status(answer.status);
  if (answer.in_front && kinto::may_be_turned_away(answer.status)) code = Errc::turned_away;
  std::string what =
      request.method + " " + request.path + ": " + kinto::said(answer.status, answer.message);
  if (answer.in_front) what += kinto::in_front;
  return kinto::error_of(server.config(), code, what, answer.status);
}

ContainerOutcome outcome(What what, const Answer& answer) {
  ContainerOutcome out;
  out.what = what;
  out.now = shown_in(answer);
  out.status = answer.status;
  out.reason = answer.message;
  return out;
}

ContainerOutcome refused(const Error& why) {
  ContainerOutcome out;
  out.what = What::refused;
  out.status = why.status;
  out.reason = why.message;
  return out;
}

// Nothing of a 409, of what the server or something in front of it is to blame for, and of what
// nobody expects.
std::optional<ContainerOutcome> classify(const Answer& answer) {
  if (answer.in_front) return std::nullopt;
  switch (answer.status) {
    case 200:
    case 201:
      return outcome(What::done, answer);
    case 412:
      return outcome(What::changed, answer);
    case 403:
    case 404:
      return outcome(What::no_right, answer);
    case 405:
    case 409:
    case 429:
      return std::nullopt;
    default:
      if (answer.status < 400 || answer.status >= 500) return std::nullopt;
      return outcome(What::refused, answer);
  }
}

// A server that breaks at it, and works else, refuses it (a NUL in the metadata, on PostgreSQL).
ResultTask<ContainerOutcome> send_one(Server& server, Subrequest request) {
  auto answer = co_await server.send_alone(request);
  const bool broken = answer && answer->status >= 500 && answer->error_number != 0;
  if (broken && co_await takes_writes(server)) co_return outcome(What::refused, *answer);
  const bool again = !answer || answer->in_front || answer->status == 429 || broken;
  if (again) answer = co_await server.send_patiently(request);
  if (!answer) co_return answer.error();
  auto known = classify(*answer);
  if (known) co_return std::move(*known);
  co_return failed(server, request, *answer);
}

ResultTask<ContainerOutcome> put_alone(Server& replica, ContainerPut put) {
  for (int clashes = 0;; ++clashes) {
    auto sent = co_await send_one(replica, to_subrequest(put));
    if (sent || sent.error().status != 409 || clashes == max_clashes) co_return sent;
    const auto stamp = json::member(put.write.data, "last_modified");
    const auto ms = stamp ? json::to_int(*stamp) : std::nullopt;
    if (!ms) co_return sent;
    put.write.data = kinto::with_stamp(put.write.data, Stamp{*ms + 1});
  }
}

// Nothing where what the batch has done is not known. Errc::too_large where halves may come
// through.
ResultTask<std::optional<std::vector<ContainerOutcome>>> put_together(
    Server& replica, const std::vector<ContainerPut>& puts) {
  using Outcomes = std::optional<std::vector<ContainerOutcome>>;
  std::vector<Subrequest> requests;
  requests.reserve(puts.size());
  for (const ContainerPut& put : puts) requests.push_back(to_subrequest(put));
  auto answers = co_await replica.send(std::move(requests));
  if (!answers) {
    const Errc code = answers.error().code;
    // Of a batch as a whole Kinto says neither; what stands in front may.
    const bool for_a_part = code == Errc::rejected || code == Errc::turned_away ||
                            code == Errc::forbidden ||
                            (code == Errc::too_large && puts.size() == 1);
    if (for_a_part || is_transient(code)) co_return Outcomes();
    co_return answers.error();
  }
  std::vector<ContainerOutcome> out;
  for (const Answer& answer : *answers) {
    auto known = classify(answer);
    if (!known) co_return Outcomes();
    out.push_back(std::move(*known));
  }
  co_return Outcomes(std::move(out));
}

ResultTask<std::vector<ContainerOutcome>> put_singly(Server& replica,
                                                     std::vector<ContainerPut> puts) {
  std::vector<ContainerOutcome> out;
  for (ContainerPut& put : puts) {
    auto one = co_await put_alone(replica, std::move(put));
    if (one) {
      out.push_back(std::move(*one));
    } else if (may_be_of_one(one.error().code)) {
      out.push_back(refused(one.error()));
    } else {
      co_return one.error();
    }
  }
  co_return out;
}

std::int64_t bytes_of(const std::vector<ContainerPut>& puts) {
  std::size_t bytes = 0;
  for (const ContainerPut& put : puts) bytes += to_subrequest(put).bytes();
  return static_cast<std::int64_t>(bytes);
}

// Each is sent in one request.
std::deque<std::vector<ContainerPut>> into_batches(std::vector<ContainerPut> puts,
                                                   std::size_t most) {
  std::deque<std::vector<ContainerPut>> out;
  for (ContainerPut& put : puts) {
    if (out.empty() || out.back().size() >= most) out.emplace_back();
    out.back().push_back(std::move(put));
  }
  return out;
}

}  // namespace

bool may_be_of_one(Errc code) noexcept {
  return code == Errc::rejected || code == Errc::conflict || code == Errc::turned_away ||
         code == Errc::too_large || code == Errc::held_up || code == Errc::unproven;
}

ResultTask<std::vector<ContainerOutcome>> put_containers(Server& replica,
                                                         std::vector<ContainerPut> puts) {
  std::vector<ContainerOutcome> out;
  auto batches = into_batches(std::move(puts), replica.batch_max_requests());
  while (!batches.empty()) {
    if (bytes_of(batches.front()) > replica.most_bytes() && split_front(batches)) continue;
    auto together = co_await put_together(replica, batches.front());
    if (!together && together.error().code == Errc::too_large && split_front(batches)) continue;
    if (!together) co_return together.error();
    if (!*together) {
      auto singly = co_await put_singly(replica, std::move(batches.front()));
      if (!singly) co_return singly.error();
      *together = std::move(*singly);
    }
    std::ranges::move(**together, std::back_inserter(out));
    batches.pop_front();
  }
  co_return out;
}

ResultTask<Emptying> delete_records(Server& replica, CollectionId id, Stamp etag) {
  Subrequest request("DELETE", kinto::records_path(id));
  request.guard = Subrequest::Guard::if_stamp;
  request.guard_stamp = etag;
  const auto answer = co_await replica.send_patiently(request);
  if (!answer) co_return answer.error();
  if (!answer->in_front) {
    if (answer->status == 200) co_return Emptying::done;
    if (answer->status == 404) co_return Emptying::gone;
    if (answer->status == 412) co_return Emptying::changed;
    if (answer->status == 403) co_return Emptying::no_right;
  }
  co_return failed(replica, request, *answer);
}

ResultTask<ContainerOutcome> delete_container(Server& replica, ContainerId id, Stamp present,
                                              Stamp tombstone) {
  for (int clashes = 0;; ++clashes) {
    Subrequest request("DELETE", id.path() + "?last_modified=" + std::to_string(tombstone.ms));
    request.guard = Subrequest::Guard::if_stamp;
    request.guard_stamp = present;
    auto sent = co_await send_one(replica, std::move(request));
    const bool clash = !sent && sent.error().status == 409 && clashes < max_clashes;
    if (clash) {
      // PostgreSQL holds a stamp once, tombstones included.
      ++tombstone.ms;
      continue;
    }
    if (sent && sent->status == 404) sent->what = What::done;
    co_return sent;
  }
}

}  // namespace kinto_mirror::sync
