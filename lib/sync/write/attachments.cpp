// Records whose attachment was replaced on the master.

#include "sync/decide/batching.hpp"
#include "sync/write/applier.hpp"

#include <utility>

namespace kinto_mirror::sync {

// A plain update was refused for its attachment, so that everything else about the record is as the
// replica wants it, and DELETE + PUT in one batch will do. A memory backend has stored the refused
// update all the same. The record's own permissions, which a DELETE takes along, are given back.
ResultTask<void> Applier::replace_attachment(Write write, Outcome refused,
                                             std::vector<Replan>& replans) {
  const std::string path = kinto::record_path(collection_, write.change.id);
  // One after the other, the DELETE would stand although the PUT were refused.
  if (goes_alone(write, collection_)) co_return co_await refuse(write, refused);
  kinto::Subrequest get("GET", path);
  const auto held = co_await context_.replica.send_patiently(std::move(get));
  if (!held) co_return held.error();
  if (held->status != 200 || !held->stamp) co_return co_await refuse(write, refused);
  if (*held->stamp == write.placed) {
    count(write);
    co_return success();
  }
  if (*held->stamp != write.guard()) {
    const std::optional<Known> known = Known{*held->stamp, false};
    replans.emplace_back(std::move(write), known);
    co_return success();
  }
  // Whoever may write single records only could delete one, and not create it again.
  auto whole = co_await shows_everything_now(context_.replica);
  if (!whole) co_return whole.error();
  write.action = Action::recreate;
  write.permissions = held->permissions;
  Batch alone;
  alone.push_back(write);
  auto answers = co_await context_.replica.send(subrequests_of(alone, collection_));
  if (!answers && answers.error().code == Errc::rejected) {
    co_return co_await refuse(write, refused);
  }
  if (!answers) co_return answers.error();
  Outcome outcome = classify(write, *answers);
  co_return co_await take_outcome(std::move(write), std::move(outcome), replans);
}

}  // namespace kinto_mirror::sync
