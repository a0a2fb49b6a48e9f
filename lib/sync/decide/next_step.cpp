#include "sync/decide/next_step.hpp"

#include <utility>

namespace kinto_mirror::sync {

namespace {

// Free stamps that are tried for one record: others may take them first.
constexpr int max_clashes = 8;
constexpr int service_unavailable = 503;

bool may_be_a_record(const Error& error) noexcept {
  return may_be_in_front(error) || error.code == Errc::failing || error.code == Errc::rejected ||
         error.code == Errc::too_large || error.code == Errc::conflict || error.slow;
}

// One of several front ends may refuse whatever comes, and the others nothing; and all of them may,
// for a moment. (What was tried again until the patience was at an end has met all of that.)
int tries_alone(const Error& error) noexcept {
  return may_be_in_front(error) && error.code != Errc::unreachable ? 4 : 2;
}

AfterFailure after_lone_failure(const Failed& failed, bool in_front) noexcept {
  const bool by_kinto = !in_front && failed.outcome.status == service_unavailable;
  // Once may have been a bad moment of the server's; twice, while it says it works, is the record.
  const bool again = in_front || (failed.outcome.verdict == Verdict::failing && !by_kinto);
  if (again && failed.failed_alone + 1 < tries_alone(failed.error)) {
    return in_front ? AfterFailure::again_later : AfterFailure::again;
  }
  return in_front || by_kinto ? AfterFailure::suspect : AfterFailure::refuse;
}

}  // namespace

bool may_be_in_front(const Error& error) noexcept {
  if (error.slow || error.code == Errc::overloaded || error.code == Errc::too_large) return false;
  return error.in_front || error.code == Errc::turned_away || error.code == Errc::unreachable;
}

Millis pause_after(int tries) noexcept {
  return Millis{50} * (1 << tries);
}

AfterFailure after(const Failed& failed) noexcept {
  const Error& error = failed.error;
  if (!may_be_a_record(error)) return AfterFailure::give_up;
  const bool in_front = may_be_in_front(error);
  if (in_front) {
    const bool cut = error.code == Errc::unreachable;
    if (cut && !failed.there) return AfterFailure::ask_there;
    if (cut && !*failed.there) return AfterFailure::give_up;
    if (!failed.others_pass) return AfterFailure::ask_others;
    if (!*failed.others_pass) return AfterFailure::give_up;
  }
  // Too slow is what a server that hangs looks like too.
  if (error.code == Errc::failing || error.slow) {
    if (!failed.recovers) return AfterFailure::ask_recovery;
    if (!*failed.recovers) return AfterFailure::give_up;
  }
  if (failed.writes > 1) return AfterFailure::halve;
  if (error.slow) return AfterFailure::give_up;
  return after_lone_failure(failed, in_front);
}

AfterAnswer after(const Write& write, const Outcome& outcome, std::optional<bool> recovers) {
  switch (outcome.verdict) {
    case Verdict::applied:
      return AfterAnswer::count;
    case Verdict::already:
      // An earlier try of ours may have been carried out although it was answered otherwise.
      return write.sent > 1 ? AfterAnswer::count : AfterAnswer::already;
    case Verdict::replan:
      return AfterAnswer::recheck;
    case Verdict::clash:
      return AfterAnswer::place_anew;
    case Verdict::refused:
      return refuses_attachment(write, outcome) ? AfterAnswer::replace : AfterAnswer::refuse;
    case Verdict::failing:
      if (!recovers) return AfterAnswer::ask_recovery;
      return *recovers ? AfterAnswer::leave : AfterAnswer::give_up;
    case Verdict::turned_away:
    case Verdict::no_right:
    case Verdict::no_container:
    case Verdict::read_only:
      break;
  }
  return AfterAnswer::give_up;
}

AfterClash after_clash(Action action, int clashes, std::optional<bool> meant) noexcept {
  if (clashes == 1) return AfterClash::again;
  if (clashes > max_clashes) return AfterClash::leave;
  if (action != Action::recreate) return AfterClash::move_on;
  if (!meant) return AfterClash::ask_meant;
  return *meant ? AfterClash::already : AfterClash::move_on;
}

AfterRefusedAttachment after_refused_attachment(const Write& write, bool in_parts,
                                                const kinto::Answer* held) {
  // One after the other, the DELETE would stand although the PUT were refused.
  if (in_parts) return AfterRefusedAttachment::refuse;
  if (held == nullptr) return AfterRefusedAttachment::ask_held;
  if (held->status != 200 || !held->stamp) return AfterRefusedAttachment::refuse;
  if (*held->stamp == write.placed) return AfterRefusedAttachment::count;
  return *held->stamp == write.guard() ? AfterRefusedAttachment::recreate
                                       : AfterRefusedAttachment::recheck;
}

AfterRecheck after_recheck(Write& write, const std::optional<Known>& known, MasterNow* now,
                           std::optional<Stamp> horizon) {
  write.end_trial();
  write.erased_at = {};
  if (now == nullptr || (!now->tombstone && now->record.empty())) return AfterRecheck::leave;
  const bool moved = write.change.stamp != now->stamp;
  // The replica has given the bytes of before the very stamp that the master gave the new ones.
  const bool same_stamp_only =
      write.accepted && known && !known->tombstone && known->stamp == now->stamp && moved;
  const bool later = horizon && now->stamp > *horizon;
  if (later && now->stamp > write.change.stamp && !same_stamp_only) return AfterRecheck::newer;
  if (moved) write.accepted = false;
  write.change.stamp = now->stamp;
  write.change.tombstone = now->tombstone;
  write.record = std::move(now->record);
  write.placed = write.change.stamp;
  write.action = plan(write.change, known, Knowledge::confirmed);
  if (write.action == Action::none && same_stamp_only) write.action = Action::update;
  write.replica = known;
  return write.action == Action::none ? AfterRecheck::already : AfterRecheck::write;
}

AfterRecreate after_recreate(const Write& write, const std::set<Stamp>& freed,
                             const Recreate& known) noexcept {
  if (write.action != Action::recreate) return AfterRecreate::allowed;
  if (write.outrun && !write.accepted) {
    if (!known.same) return AfterRecreate::ask_same;
    if (*known.same) return AfterRecreate::take_over;
  }
  if (write.accepted && !known.holds_stamps_once) return AfterRecreate::allowed;
  const AfterRecreate otherwise = write.accepted ? AfterRecreate::allowed : AfterRecreate::update;
  const auto nearest = freed.lower_bound(write.change.stamp);
  if (nearest != freed.end() && *nearest < write.guard()) {
    return write.accepted || write.waited ? otherwise : AfterRecreate::wait;
  }
  if (!known.stands) return AfterRecreate::ask_stands;
  if (*known.stands && !known.once) return AfterRecreate::ask_once;
  if (!*known.stands || !*known.once) return otherwise;
  if (write.accepted) return AfterRecreate::none;  // it holds these very bytes
  if (!known.same) return AfterRecreate::ask_same;
  return *known.same ? AfterRecreate::none : AfterRecreate::update;
}

}  // namespace kinto_mirror::sync
