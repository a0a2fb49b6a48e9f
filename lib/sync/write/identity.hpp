#pragma once
// Whether master and replica are two servers at all. One server may be reached under two names
// (127.0.0.1 and localhost, two DNS names, two nodes of one database): compared with itself it is
// always in sync, and what the daemon stores on the replica then lies on the master.
//
// A server is known again by its identity: a collection of that name, without records, in the
// daemon's own bucket on the replica. Its metadata hold a random nonce, and everybody may read it,
// since the master's user may be anyone. (Not a record beside the checkpoints: one record that
// everybody may read lets everybody list the collection, and a user who lost his rights would be
// shown a list without checkpoints where he must be told 401 or 403.) Where the master shows the
// same nonce, it is the same server, or one of the two holds a copy of the other's database; a new
// nonce on the replica tells which.

#include "sync/pass_context.hpp"

#include <string>

namespace kinto_mirror::sync {

// What one server shows in the place of the identity.
struct Shown {
  enum class What {
    unknown,    // no clear answer
    nothing,    // there is none
    forbidden,  // the same, and perhaps no bucket either
    identity,
  };
  What what = What::unknown;
  std::string nonce;  // empty where the identity holds none
  Stamp stamp;        // of the identity

  bool operator==(const Shown&) const = default;
};

// What is known when the two are looked at, the master first.
struct SoFar {
  std::string own;  // the nonce that this start has sent to the replica; empty: none
  Shown before;     // what the replica held before the master was looked at; unknown: not seen
};

enum class Kinship {
  apart,     // two servers
  one,       // one and the same
  open,      // the replica is to get a new nonce, which tells
  restless,  // somebody else writes the identity just now: look again
  unknown,   // cannot be told
};

// Pure. `apart` needs an identity that stood on the replica before the master was asked, and stands
// there still: otherwise another daemon, which has found the server out, may have removed it in
// between. For example: the replica shows the nonce n, then the master 404, and the replica n
// again: apart. Both show n: open. The master shows the nonce that was sent to the replica a moment
// ago: one.
Kinship kinship(const Shown& master, const Shown& replica, const SoFar& known);

// Errc::config, with both addresses and the mend, where the two are one server; what was written to
// find that out is removed then. Success where they are two, or it cannot be told: the user may not
// write there, or a server gives no clear answer (the next start asks again). `before` is what the
// replica showed by look_for_identity().
//
// In a dry run nothing is written, and it is always a success; the observer is told where
// everything that can be read says that they are one.
//
// It costs a request to each side; where the replica has no identity yet, one more to the master,
// and what it takes to write it (a bucket and a collection, which travel together).
ResultTask<void> tell_apart(PassContext context, Shown before);

// As the server has it now: whatever stored answers stand before it, none is the answer to this.
Task<Shown> look_for_identity(kinto::Server& server);

}  // namespace kinto_mirror::sync
