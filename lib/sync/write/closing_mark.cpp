#include "sync/write/closing_mark.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kinto_mirror::sync {

namespace {

using kinto::Subrequest;

std::string mark_path(const CollectionId& id) {
  return kinto::record_path(id, closing_mark_id);
}

// The replica's ETag; nothing where the newest object that it shows, tombstones included, is there.
ResultTask<std::optional<Stamp>> uncovered_etag(kinto::Server& replica, CollectionId id) {
  std::string path = kinto::records_path(id);
  path += "?_since=0&_sort=-last_modified&_limit=1&_fields=deleted";
  const auto answer = co_await replica.look(std::move(path));
  if (!answer) co_return answer.error();
  const bool told = answer->status == 200 && answer->etag && *answer->etag > Stamp{};
  if (!told) co_return std::optional<Stamp>();
  const auto newest = kinto::parse_page("{\"data\":" + answer->rows + "}");
  if (!newest) co_return std::optional<Stamp>();
  const bool covered = !newest->entries.empty() && newest->entries.front().stamp >= *answer->etag;
  co_return covered ? std::nullopt : answer->etag;
}

std::vector<Subrequest> create_and_delete(const CollectionId& id, Stamp etag) {
  std::vector<Subrequest> out;
  const Stamp made{etag.ms + 1};
  const Stamp gone{etag.ms + 2};
  Subrequest& put = out.emplace_back("PUT", mark_path(id));
  put.data = R"({"last_modified":)" + std::to_string(made.ms) + "}";
  put.guard = Subrequest::Guard::if_absent;
  Subrequest& remove =
      out.emplace_back("DELETE", mark_path(id) + "?last_modified=" + std::to_string(gone.ms));
  remove.guard = Subrequest::Guard::if_stamp;
  remove.guard_stamp = made;
  return out;
}

void tell_of_none(const PassContext& context, const CollectionId& id, const std::string& why) {
  context.observer.notice(context.replica.config().name, id,
                          "no closing mark could be left, so that readers who come from another "
                          "server may fail until the next change: " +
                              why);
}

ResultTask<void> close_once(const PassContext& context, CollectionId id,
                            std::optional<Stamp> etag) {
  if (!etag) {
    auto asked = co_await uncovered_etag(context.replica, id);
    if (!asked) co_return asked.error();
    if (!*asked) co_return success();
    etag = *asked;
  }
  std::vector<Subrequest> both = create_and_delete(id, *etag);
  auto answers = co_await context.replica.send(std::move(both));
  if (!answers) {
    if (is_transient(answers.error().code)) co_return answers.error();
    tell_of_none(context, id, answers.error().message);
    co_return success();
  }
  const kinto::Answer& put = answers->front();
  // 412: it is there; 409: somebody else wrote at this moment, and so has left what is wanted.
  const bool well = put.status < 300 || put.status == 412 || put.status == 409;
  // Its deletion may have failed by itself.
  const bool left = put.status < 300 && answers->back().status >= 300;
  if (left && !put.stamp) co_return success();  // the next comparison meets it
  if (left) co_return co_await remove_closing_mark(context, id, *put.stamp);
  if (well) co_return success();
  tell_of_none(context, id, "the replica says " + kinto::said(put.status, put.message));
  co_return success();
}

}  // namespace

// A batch is sent but once, and for so little no pass shall be repeated.
ResultTask<void> close(const PassContext& context, CollectionId id, std::optional<Stamp> etag) {
  constexpr int most_tries = 4;
  constexpr Millis pause{250};
  for (int tries = 1;; ++tries) {
    auto done = co_await close_once(context, id, etag);
    etag.reset();  // a try that failed may have moved it
    const bool again = !done && is_transient(done.error().code) && tries < most_tries;
    if (!again) co_return done;
    co_await context.clock.sleep(tries * pause, context.stop);
  }
}

ResultTask<void> remove_closing_mark(const PassContext& context, CollectionId id, Stamp held) {
  Subrequest request("DELETE", mark_path(id));
  request.guard = Subrequest::Guard::if_stamp;
  request.guard_stamp = held;
  const auto answer = co_await context.replica.send_patiently(std::move(request));
  if (!answer) co_return answer.error();
  const bool gone =
      !answer->in_front && (answer->status < 300 || answer->status == 404 || answer->status == 412);
  if (!gone) {
    context.observer.notice(
        context.replica.config().name, id,
        "the closing mark, which readers see as a record \"" + std::string(closing_mark_id) +
            "\", could not be deleted: " + kinto::said(answer->status, answer->message) +
            "; the next audit tries again");
  }
  co_return success();
}

}  // namespace kinto_mirror::sync
