#pragma once
// What is to be done about what the replica answered to writes. Pure: each function is given what
// is known by now, and names the next step, or what must be found out before it can be told
// (`ask_...`). Whoever carries it out finds that out, adds it, and calls again.

#include "base/clock.hpp"
#include "base/error.hpp"
#include "sync/decide/write.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <string>

namespace kinto_mirror::sync {

// --- A request failed as a whole: its cause is the server, what stands before it, or a record ---

struct Failed {
  const Error& error;
  // Of the write in front: as the replica answered it, or as the whole request was answered.
  const Outcome& outcome;
  std::size_t writes = 1;  // that the request carried
  int failed_alone = 0;    // where it carried one: how often that one met the like before
  // Not known: nothing.
  std::optional<bool> there{};        // the replica answers its heartbeat
  std::optional<bool> others_pass{};  // it takes other writes of the collection, and so does what
                                      // stands before it
  std::optional<bool> recovers{};     // it works (again)
};

// A firewall that minds a record says so in words of its own, with whatever status, or cuts the
// connection. (What comes too fast is refused with 429 or 5xx, which is no record's fault.)
bool may_be_in_front(const Error& error) noexcept;

enum class AfterFailure {
  ask_there,
  ask_others,
  ask_recovery,
  halve,        // two requests: one of them may pass
  again,        // the same write once more: it may have been a bad moment
  again_later,  // likewise after pause_after(failed_alone + 1)
  suspect,      // the record, or a bad moment again: Suspects tells; then as `refuse`
  refuse,       // the record
  give_up,      // the pass ends with the error
};

AfterFailure after(const Failed& failed) noexcept;

// 100, 200, 400 ms before the second, third, fourth try of a write alone.
Millis pause_after(int tries) noexcept;

// --- The answer to one write, that was not undone by another one of its batch ---

enum class AfterAnswer {
  count,         // carried out
  already,       // there was nothing to do any more
  recheck,       // the replica holds something else than was thought: see AfterRecheck
  place_anew,    // its stamp is taken: see AfterClash
  replace,       // its attachment is not updated in place: see AfterRefusedAttachment
  refuse,        // quarantine
  leave,         // the next pass tries again
  ask_recovery,  // whether the replica works (again)
  give_up,       // the pass ends
};

// `recovers`: nothing as long as it was not asked.
AfterAnswer after(const Write& write, const Outcome& outcome, std::optional<bool> recovers);

// --- 409: the stamp is taken, or somebody created the record at the same moment ---

enum class AfterClash {
  again,      // the same once more: a record that exists answers 412 then
  ask_meant,  // whether it stands at the next free stamp already
  already,    // it does
  move_on,    // to the next free stamp
  leave,      // others took each free one first: no fault of the record
};

// `clashes`: met by this write in a row, this one included. From the second on it is proven that
// the replica holds each stamp once.
AfterClash after_clash(Action action, int clashes, std::optional<bool> meant) noexcept;

// --- An update that was refused for its attachment ---

enum class AfterRefusedAttachment {
  ask_held,  // what the replica has under its id, by GET
  count,     // a memory backend has stored it all the same
  recheck,   // somebody else wrote it meanwhile
  recreate,  // DELETE and PUT in one batch pass
  refuse,
};

// `in_parts`: DELETE and PUT cannot share a batch.
AfterRefusedAttachment after_refused_attachment(const Write& write, bool in_parts,
                                                const kinto::Answer* held);

// --- The replica holds something else than was planned with: the master was asked again ---

struct MasterNow {
  Stamp stamp;
  bool tombstone = false;
  std::string record;  // empty of a tombstone
};

enum class AfterRecheck {
  leave,    // neither record nor tombstone, or it changes right now: no reason to touch anything
  newer,    // it comes in its turn with the next poll: written now, it would overtake older changes
            // of other records, which readers would miss then
  already,  // the replica says the same
  write,    // as `write` says now
};

// Makes of `write` what is to be written of the master's version of now, over `known` on the
// replica. `horizon`: what is newer comes with the next poll; nothing: no poll follows.
AfterRecheck after_recheck(Write& write, const std::optional<Known>& known, MasterNow* now,
                           std::optional<Stamp> horizon);

enum class AfterRecreate {
  allowed,
  ask_same,    // whether the replica's version holds what the master says
  take_over,   // somebody else's repair: his update is as good as one's own
  ask_stands,  // whether the record stands at the next free stamp
  ask_once,    // whether the replica holds each stamp once
  none,        // it stands as meant
  update,      // first: what the replica refuses as an update, it would refuse after the DELETE
  wait,        // a round: what is in its way leaves its stamp in this one
};

// A recreate deletes first, and what the replica refuses then is lost to it. So it must have taken
// the record before, as a plain update, which it stores under a stamp of its own choice. Where that
// update meets one of another daemon, which the replica has taken since, the repair goes on from
// that one: if each sent an update of its own, each would undo the other's for ever. Nothing is to
// be repaired where the record, as the master has it, stands at the next free stamp of a replica
// that holds each once: an older body may stand there by chance. (Unless this very pass frees a
// stamp between, for a whole run of them may have been pushed on. What is to leave such a stamp may
// be refused, and stay: so the record waits for one round, or each audit would write it anew, to
// where it stands.) `freed`: stamps that records leave in this round, unless they are refused.
struct Recreate {
  bool holds_stamps_once = false;  // as far as is known already
  std::optional<bool> stands{};
  std::optional<bool> once{};  // asked for this very question
  std::optional<bool> same{};
};
AfterRecreate after_recreate(const Write& write, const std::set<Stamp>& freed,
                             const Recreate& known) noexcept;

}  // namespace kinto_mirror::sync
