#include "sync/decide/write.hpp"

#include "base/json_slice.hpp"
#include "kinto/page.hpp"
#include "kinto/server.hpp"
#include "kinto/status.hpp"

namespace kinto_mirror::sync {

namespace {

using kinto::Answer;
using kinto::Subrequest;

Subrequest put(const Write& write, const std::string& path, bool absent) {
  Subrequest request("PUT", path);
  request.data = write.placed == write.change.stamp ? write.record
                                                    : kinto::with_stamp(write.record, write.placed);
  if (absent) request.permissions = write.permissions;
  request.guard = absent ? Subrequest::Guard::if_absent : Subrequest::Guard::if_stamp;
  request.guard_stamp = write.guard();
  return request;
}

Subrequest erase(const Write& write, const std::string& path) {
  const Stamp at = write.action == Action::remove ? write.placed : write.erased_at;
  const bool stamped = at > Stamp{};
  Subrequest request("DELETE", stamped ? path + "?last_modified=" + std::to_string(at.ms) : path);
  request.guard = Subrequest::Guard::if_stamp;
  request.guard_stamp = write.guard();
  return request;
}

Outcome precondition_failed(const Write& write, const Answer& answer) {
  Outcome outcome;
  outcome.status = answer.status;
  if (answer.existing) outcome.replica = Known{*answer.existing, false};
  const Stamp wanted = write.trial ? write.change.stamp : write.placed;
  const bool same = answer.existing == wanted && write.action != Action::remove;
  outcome.verdict = same ? Verdict::already : Verdict::replan;
  return outcome;
}

Outcome failure(const Answer& answer, bool is_put) {
  Outcome outcome;
  outcome.status = answer.status;
  outcome.message = answer.message;
  outcome.error_number = answer.error_number;
  // (What is too large for a front end is so for what it is.)
  if (answer.in_front && kinto::code_of_status(answer.status) != Errc::too_large) {
    outcome.verdict = Verdict::turned_away;
    return outcome;
  }
  switch (answer.status) {
    case 401:
    case 403:
      outcome.verdict = Verdict::no_right;
      break;
    case 404:
    case 410:
      outcome.verdict = is_put ? Verdict::no_container : Verdict::already;
      break;
    case 405:
    case 501:
      outcome.verdict = Verdict::read_only;
      break;
    case 409:
      outcome.verdict = Verdict::clash;
      break;
    case 408:
    case 429:
      outcome.verdict = Verdict::failing;
      break;
    default:
      outcome.verdict = answer.status >= 500 ? Verdict::failing : Verdict::refused;
  }
  return outcome;
}

Outcome of_put(const Write& write, const Answer& answer) {
  if (answer.status == 412 && !answer.in_front) return precondition_failed(write, answer);
  if (answer.status != 200 && answer.status != 201) return failure(answer, true);
  Outcome outcome;
  outcome.status = answer.status;
  if (!answer.stamp) {
    outcome.verdict = Verdict::failing;
    outcome.message = "the answer does not say what was stored";
  } else if (*answer.stamp != write.placed || write.trial) {
    // Kinto moved the stamp: of equal new ones the second is bumped.
    outcome.verdict = Verdict::replan;
    outcome.replica = Known{*answer.stamp, false};
    outcome.permissions = answer.permissions;
  } else {
    outcome.verdict = Verdict::applied;
  }
  return outcome;
}

Outcome of_delete(const Write& write, const Answer& answer) {
  if (answer.status == 412 && !answer.in_front) return precondition_failed(write, answer);
  if (answer.status != 200) return failure(answer, false);
  Outcome outcome;
  outcome.status = answer.status;
  // Kinto gives the tombstone; something in front of it may say 200 to anything.
  outcome.verdict = answer.stamp ? Verdict::applied : Verdict::failing;
  if (!answer.stamp) outcome.message = "the answer does not say what was deleted";
  return outcome;
}

}  // namespace

std::vector<Subrequest> to_subrequests(const Write& write, const CollectionId& collection) {
  const std::string path = kinto::record_path(collection, write.change.id);
  std::vector<Subrequest> requests;
  if (write.action == Action::remove || write.action == Action::recreate) {
    requests.push_back(erase(write, path));
  }
  if (write.action != Action::remove) {
    requests.push_back(put(write, path, write.action != Action::update));
  }
  return requests;
}

bool refuses_attachment(const Write& write, const Outcome& outcome) {
  constexpr int undefined = 999;
  return write.action == Action::update && outcome.verdict == Verdict::refused &&
         outcome.status == 400 && outcome.error_number == undefined &&
         json::member(write.record, "attachment").has_value();
}

Outcome classify(const Write& write, const std::vector<Answer>& answers) {
  if (write.action == Action::remove) return of_delete(write, answers.front());
  if (write.action != Action::recreate) return of_put(write, answers.front());
  const Outcome erased = of_delete(write, answers.front());
  const bool gone = erased.verdict == Verdict::applied || erased.verdict == Verdict::already;
  return gone ? of_put(write, answers.back()) : erased;
}

}  // namespace kinto_mirror::sync
